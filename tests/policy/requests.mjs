// SPDX-License-Identifier: MIT
// Makes requests that lie close to a scope's borders, on both sides.
import { attributeNames, endpoints, indexNames, tableNames } from './scopes.mjs';
import { makeContext, makeOtherRequest } from './documents.mjs';
import { account } from './oracle.mjs';

const selects = ['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'];
const returnValues = ['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW'];
const operations = ['TransactGetItems', 'TransactWriteItems', 'ExecuteTransaction', 'BatchExecuteStatement'];
const tagValues = { tenant: ['acme', 'acme', 'acme', 'evil', 'acme-2', ''], shop: ['eu', 'eu', 'acme', ''] };
const oddValues = ['*', '?', 'a*', '${aws:userid}', '${tenant}', 'acme#1', 'a/b', 'orders/index/by-date', 'a.c', '[a]', '(', '\\', '$', 'Ä', ' '];

const listed = (value) => value === undefined ? [] : [value].flat();
const bind = (text, tags) => text.replace(/\$\{([^}]+)\}/g, (all, name) => tags[name] ?? all);

// A text that the pattern matches, and one close to it that it may not match.
function matching(pattern, tags, random) {
	return bind(pattern, tags).replaceAll('*', () => random.pick(['', 'x', 'eu', '1/2', '#', '-acme'])).replaceAll('?', () => random.pick(['e', 'a', '/', '-', 'ä', 'é']));
}

function close(text, random) {
	return random.pick([text + 'x', text.slice(1), text.slice(0, -1), text.toUpperCase(), 'x' + text, text + '#1', text + ' ']);
}

// Tags are as the broker signs them: no value with a '/' where a table's name is
// made of it (the language refuses such a pattern), but all else, however odd.
function tagsFor(scope, names, isAimed, random) {
	const inTables = JSON.stringify(scope.access.map((entry) => (entry.dynamodb ?? entry.deny?.dynamodb)?.table));
	const tags = { jit_request: 'r-7k2m9x4q1d', jit_user: 'ann' };
	for (const name of names) {
		if (isAimed) {
			tags[name] = random.pick(tagValues[name].filter(Boolean));
			continue;
		}
		if (random.chance(0.05))
			continue;
		const odd = oddValues.filter((value) => !value.includes('/') || !inTables.includes('${' + name + '}'));
		tags[name] = random.chance(0.08) ? random.pick(odd) : random.pick(tagValues[name] ?? ['acme']);
	}
	return tags;
}

function leadingKeys(patterns, tags, random) {
	const one = () => {
		const text = patterns.length && !random.chance(0.15) ? matching(random.pick(patterns), tags, random) : random.pick(['acme', 'evil', 'acme#1', '']);
		return random.chance(0.2) ? close(text, random) : text;
	};
	const count = random.chance(0.65) ? 1 : random.below(4);
	return Array.from({ length: count }, one);
}

function attributes(statement, random) {
	const allowed = listed(statement?.attributes);
	const list = allowed.length ? random.some(allowed, 1, allowed.length) : random.some(attributeNames, 1, 3);
	if (random.chance(0.25))
		list.push(random.pick(attributeNames));
	return random.chance(0.05) ? [] : random.chance(0.05) ? list.map((name) => name.toUpperCase()) : list;
}

// What only DynamoDB knows of a request; each part may be missing.
function details(request, statement, tags, random) {
	if (!random.chance(0.1))
		request.leading_keys = leadingKeys(listed(statement?.leading_keys), tags, random);
	if (!random.chance(0.1))
		request.attributes = attributes(statement, random);
	if (random.chance(0.6))
		request.select = random.chance(0.6) ? 'SPECIFIC_ATTRIBUTES' : random.pick(selects);
	if (random.chance(0.5))
		request.return_values = random.chance(0.5) ? 'NONE' : random.pick(returnValues);
	if (random.chance(0.2))
		request.enclosing_operation = random.pick(operations);
	if (random.chance(0.4))
		request.full_table_scan = random.chance(0.4);
}

const children = { index: indexNames, stream: ['2026-11-24T00:00:00.000'], backup: ['0154-a'], export: ['0155-b'], import: ['0156-c'] };

function aim(request, statement, tags, isAimed, random) {
	const patterns = listed(statement?.table);
	request.table = patterns.length && (isAimed || !random.chance(0.3)) ? matching(random.pick(patterns), tags, random).replaceAll('/', '') : random.pick(tableNames);
	if (random.chance(0.05))
		request.table = close(request.table, random).replaceAll(/[ #]/g, '');
	// A pattern that leaves the table's name is only seen from below that name.
	if (request.resource === 'index' && patterns.some((pattern) => /\?.*(index|\*)/.test(pattern)) && random.chance(0.5))
		request.table = 'orders';
	request.table ||= 'orders';
	const named = listed(statement?.indexes);
	if (request.resource === 'index' && named.length && (isAimed || !random.chance(0.3)))
		request.child = matching(random.pick(named), tags, random).replaceAll(/[/#]/g, '') || 'x';
	else if (children[request.resource])
		request.child = random.pick(children[request.resource]);
}

// All as a statement would have it, so far as that can be told from here.
function aimed(request, statement, tags, random) {
	const wanted = (name) => listed(statement?.[name]);
	request.leading_keys = wanted('leading_keys').length ? [matching(random.pick(wanted('leading_keys')), tags, random)] : ['acme'];
	request.attributes = wanted('attributes').length ? random.some(wanted('attributes'), 1, 3) : ['pk'];
	if (wanted('attributes').length + wanted('except_attributes').length > 0 || random.chance(0.3))
		request.select = 'SPECIFIC_ATTRIBUTES';
	request.return_values = 'NONE';
	request.full_table_scan = false;
	if (wanted('endpoint').length)
		request.endpoint = random.pick(wanted('endpoint'));
}

// One thing otherwise.
const spoilers = [
	(request) => delete request.leading_keys,
	(request, random) => request.leading_keys.push(random.pick(['evil', 'acme#1', ...request.leading_keys.map((key) => close(key, random))])),
	(request, random) => { request.leading_keys = [close(request.leading_keys[0], random)]; },
	(request) => delete request.attributes,
	(request, random) => request.attributes.push(random.pick(attributeNames)),
	(request) => delete request.select,
	(request, random) => { request.select = random.pick(selects); },
	(request, random) => { request.return_values = random.pick(returnValues); },
	(request) => delete request.return_values,
	(request, random) => { request.enclosing_operation = random.pick(operations); },
	(request) => { request.full_table_scan = true; },
	(request) => delete request.full_table_scan,
	(request) => delete request.endpoint,
	(request, random) => { request.endpoint = random.pick([...endpoints, 'vpce-0c3']); },
	(request, random) => { request.at = 1795534200 + random.pick([-1, 0, 1, 86400]); },
	(request) => { request.at = 1795534200; },
	(request, random) => { request.region = random.pick(['us-east-1', 'eu-west-2']); },
	(request) => { request.account_id = account.replace('1', '2'); },
	(request, random) => { if (request.table) request.table = random.pick(tableNames); },
	(request, random) => { if (request.resource === 'index') request.child = random.pick(indexNames); },
	(request, random) => { const names = Object.keys(request.tags); delete request.tags[random.pick(names)]; },
];

// Everything by chance, far from any border as a rule.
function scattered(request, statement, tags, random) {
	if (random.chance(0.04))
		request.region = random.pick(['us-east-1', 'eu-west-2']);
	if (random.chance(0.03))
		request.account_id = account.replace('1', '2');
	details(request, statement, tags, random);
	const wanted = listed(statement?.endpoint);
	if (wanted.length ? !random.chance(0.2) : random.chance(0.3))
		request.endpoint = wanted.length && !random.chance(0.25) ? random.pick(wanted) : random.pick([...endpoints, 'vpce-0c3']);
	if (random.chance(0.15))
		request.at = 1795534200 + random.pick([-1, 0, 1, 86400]);
}

// turns: how far through all actions, so that each has its turn under a scope that
// allows everything, too.  actions: {name: [kind]}; allowed: names that the scope's
// document speaks of.
export function makeRequest(scope, names, actions, allowed, turns, random) {
	const hasDocument = scope.access.some((entry) => entry.document);
	if (hasDocument && random.chance(0.2))
		return { ...makeOtherRequest(random), tags: tagsFor(scope, names, true, random), at: 1795534200 - 60, context: makeContext(scope, random) };
	const all = Object.keys(actions);
	const kind = JSON.stringify(scope.access).includes('admin') ? 'admin' : 'any';
	const statements = scope.access.map((entry) => entry.dynamodb ?? entry.deny?.dynamodb).filter(Boolean);
	const statement = statements.length ? random.pick(statements) : undefined;
	const action = allowed.length && random.chance(kind === 'admin' ? 0.2 : 0.7) ? random.pick(allowed) : all[turns[kind]++ % all.length];
	const isAimed = random.chance(0.6);
	const tags = tagsFor(scope, names, isAimed, random);
	const request = { action: `dynamodb:${action}`, resource: random.pick(actions[action]), tags, at: 1795534200 - 60 };
	if (request.resource !== 'none')
		aim(request, statement, tags, isAimed, random);
	if (!isAimed)
		scattered(request, statement, tags, random);
	else
		aimed(request, statement, tags, random);
	if (isAimed && random.chance(0.6))
		random.pick(spoilers)(request, random);
	if (hasDocument)
		request.context = makeContext(scope, random);
	return request;
}
