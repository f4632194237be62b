// SPDX-License-Identifier: MIT
// Makes access lists of every form that the language has.
import { makeDocument } from './documents.mjs';

// Most are of the first; the others are partitions of their own.
export const regions = ['eu-west-1', 'cn-north-1', 'us-gov-west-1'];
const patterns = { tenant: '[a-z0-9-]{3,32}', shop: '[a-z]{1,9}' };

export const tableNames = ['orders', 'orders-eu', 'orders-eu-west', 'payroll', 'acme-orders', 'orders-acme', 'tmp.x_1', 'ordars'];
export const indexNames = ['by-date', 'by-status', 'by-date-2'];
export const endpoints = ['vpce-0a1', 'vpce-0b2'];
export const attributeNames = ['pk', 'sk', 'status', 'total', 'card-no', 'SSN', 'a b'];

const tables = ['orders', 'orders', 'orders', 'orders-eu', 'payroll', 'tmp.x_1', 'orders-*', 'orders-*', 'pay*', 'ord?rs',
	'orders-??', '*', '*', '${tenant}-orders', 'orders-${tenant}', 'orders-${shop}*', '${shop}-*'];
// What the language has to refuse, or else the documents mean more than it does.
const traps = ['orders?index*', 'ord?rs?index?by-date', 'orders?*', '*-eu', 'no'];
const indexes = ['by-date', 'by-date', 'by-status', 'by-*', 'by-d?te', '*', '*-date', 'by*t*'];
const keys = ['acme', 'acme', 'evil', 'acme#*', 'acme#1', '${tenant}', '${tenant}', '${tenant}#*', '${tenant}#*', '${tenant}-${shop}',
	'${shop}/*', 'a?me', '*#open', 'Ä ö', "it's", 'a|b.c', '$x', '2026-11-24', '10%'];
const sets = ['read', 'read', 'write', 'write-without-delete', 'delete', 'read-write', 'list', 'describe', 'scale', 'stream'];
const itemActions = ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'ConditionCheckItem',
	'PartiQLSelect', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete', 'Scan'];

const listed = (value) => [value].flat();
const oneOrMany = (list, random) => list.length === 1 && random.chance(0.6) ? list[0] : list;
const some = (list, most, random) => [...new Set(random.some(list, 1, most))];

// Limits go with actions on items; now and then they are tried with others.
function actionsOf(all, isLimited, random) {
	const kind = random.next() * (isLimited && !random.chance(0.1) ? 0.7 : 1);
	if (kind < 0.4)
		return oneOrMany(some(isLimited ? sets.slice(0, 7) : sets, 2, random), random);
	if (kind < 0.7)
		return oneOrMany(some(isLimited && !random.chance(0.25) ? itemActions.slice(0, 7) : itemActions, 5, random), random);
	return oneOrMany(some(all, 4, random), random);
}

function tablesOf(random) {
	const list = some(tables, random.chance(0.25) ? 3 : 1, random);
	if (random.chance(0.06))
		list.push(random.pick(traps));
	return list;
}

function switches(access, random) {
	for (const name of ['batch', 'transactions', 'partiql'])
		if (random.chance(0.3))
			access[name] = random.chance(0.6);
}

function addColumns(access, random) {
	if (random.chance(0.8))
		access.attributes = [...new Set(['pk', ...random.some(attributeNames, 1, 4)])];
	else
		access.except_attributes = oneOrMany(random.some(['card-no', 'SSN', 'status'], 1, 2), random);
	if (random.chance(0.4))
		access.keys = access.attributes ? ['pk'] : ['pk', 'sk'];
}

// Now and then more than a session policy holds, by rows or by tables.
function makeLong(access, random) {
	const names = (count, length) => Array.from({ length: count }, (_, i) => `${i}-${'x'.repeat(length)}`);
	if (access.leading_keys && random.chance(0.06))
		access.leading_keys = [...listed(access.leading_keys), ...names(30, 60)];
	else if (random.chance(0.04))
		access.table = [...listed(access.table), ...names(45, 30)];
}

function allow(actions, random) {
	const access = { table: oneOrMany(tablesOf(random), random) };
	if (random.chance(0.1))
		return { dynamodb: { ...access, ...(random.chance(0.5) ? { table: '*' } : {}), actions: 'admin', ...(random.chance(0.3) ? { endpoint: random.pick(endpoints) } : {}), ...(random.chance(0.1) ? { indexes: random.pick(indexes), only_indexes: random.chance(0.7) } : {}) } };
	if (random.chance(0.45))
		access.leading_keys = oneOrMany(some(keys, 3, random), random);
	if (random.chance(0.35))
		addColumns(access, random);
	makeLong(access, random);
	access.actions = actionsOf(actions, access.leading_keys || access.keys, random);
	if (random.chance(0.4) && (random.chance(0.1) || ![access.table].flat().some((name) => name.includes('*'))))
		access.indexes = oneOrMany(some(indexes, 2, random), random);
	if (access.indexes && random.chance(0.25))
		access.only_indexes = true;
	switches(access, random);
	if ((access.attributes || access.leading_keys) && random.chance(0.15))
		Object.assign(access, { actions: ['read', 'UpdateItem'], partiql: true });
	if (listed(access.actions).includes('ConditionCheckItem') && !random.chance(0.1))
		access.transactions = true;
	if (random.chance(0.3))
		access.endpoint = oneOrMany(random.some(endpoints, 1, 2), random);
	return { dynamodb: access };
}

function deny(actions, random) {
	const access = { table: oneOrMany(some(tables.filter((name) => !name.includes('$')), 2, random), random) };
	if (random.chance(0.5))
		access.actions = random.chance(0.1) ? 'admin' : actionsOf(actions, false, random);
	if (random.chance(0.35))
		access.leading_keys = oneOrMany(some(keys.filter((key) => !key.includes('${')), 2, random), random);
	return { deny: { dynamodb: access } };
}

// The parameters that an access list names.
export function parametersOf(access) {
	const text = JSON.stringify(access);
	return Object.fromEntries(Object.entries(patterns).filter(([name]) => text.includes('${' + name + '}')));
}

// Documents, and now and then a typed statement beside them.
export function makeDocumentScope(actions, random) {
	const access = [makeDocument(regions[0], random)];
	if (random.chance(0.3))
		access.push(random.chance(0.5) ? allow(actions, random) : deny(actions, random));
	if (random.chance(0.2))
		access.push(makeDocument(regions[0], random));
	return { region: regions[0], access, ends_at: random.chance(0.3) ? 1795534200 : 0 };
}

export function makeScope(actions, random) {
	const region = random.chance(0.85) ? regions[0] : random.pick(regions.slice(1));
	const access = [allow(actions, random)];
	while (access.length < 4 && random.chance(0.45)) {
		const kind = random.next();
		access.push(kind < 0.5 ? allow(actions, random) : kind < 0.9 ? deny(actions, random) : makeDocument(region, random));
	}
	return { region, access, ends_at: random.chance(0.7) ? 1795534200 : 0 };
}
