// SPDX-License-Identifier: MIT
// Counts what was really tried, by class and outcome: a class that never came up
// proves nothing, so a run without it fails.
import { otherActions } from './documents.mjs';
import { regions } from './scopes.mjs';

const listed = (value) => value === undefined ? [] : [value].flat();
const bodies = (scope) => scope.access.map((entry) => entry.dynamodb).filter(Boolean);
const denies = (scope) => scope.access.map((entry) => entry.deny?.dynamodb).filter(Boolean);

function listClass(name, asked, wanted, matches) {
	if (!wanted.length)
		return [];
	if (!asked?.length)
		return [`${name}: ${asked ? 'empty' : 'missing'}`];
	const inside = asked.filter((value) => wanted.some((pattern) => matches(pattern, value))).length;
	return [`${name}: ${inside === asked.length ? 'all in' : inside ? 'mixed' : 'all out'}`];
}

const asExpression = (pattern) => new RegExp('^' + pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.') + '$', 's');
const bound = (pattern, tags) => pattern.replace(/\$\{([^}]+)\}/g, (all, name) => tags[name] ?? '\u0000');

// Forms of the language: the fourteen that it must express, and their switches.
const forms = {
	'administration': (scope) => bodies(scope).some((body) => body.actions === 'admin'),
	'chosen actions': (scope) => bodies(scope).some((body) => listed(body.actions).some((name) => /^[A-Z]/.test(name))),
	'all item actions': (scope) => bodies(scope).some((body) => listed(body.actions).includes('read-write')),
	'list or describe': (scope) => bodies(scope).some((body) => listed(body.actions).some((name) => ['list', 'describe'].includes(name))),
	'tables by pattern': (scope) => bodies(scope).some((body) => listed(body.table).some((name) => /[*?]/.test(name) && name !== '*')),
	'tables by parameter': (scope) => bodies(scope).some((body) => listed(body.table).some((name) => name.includes('${'))),
	'every table': (scope) => bodies(scope).some((body) => listed(body.table).includes('*')),
	'a deny': (scope) => denies(scope).length > 0,
	'a deny of rows': (scope) => denies(scope).some((body) => body.leading_keys),
	'rows': (scope) => bodies(scope).some((body) => body.leading_keys && !body.attributes && !body.except_attributes),
	'columns': (scope) => bodies(scope).some((body) => body.attributes && !body.leading_keys),
	'columns by exception': (scope) => bodies(scope).some((body) => body.except_attributes),
	'rows and columns': (scope) => bodies(scope).some((body) => body.leading_keys && (body.attributes || body.except_attributes)),
	'indexes': (scope) => bodies(scope).some((body) => body.indexes),
	'indexes alone': (scope) => bodies(scope).some((body) => body.only_indexes),
	'an endpoint': (scope) => bodies(scope).some((body) => body.endpoint),
	'write without delete': (scope) => bodies(scope).some((body) => listed(body.actions).includes('write-without-delete')),
	'batch: true': (scope) => bodies(scope).some((body) => body.batch === true),
	'batch: false': (scope) => bodies(scope).some((body) => body.batch === false),
	'transactions: true': (scope) => bodies(scope).some((body) => body.transactions === true),
	'transactions: false': (scope) => bodies(scope).some((body) => body.transactions === false),
	'partiql: true': (scope) => bodies(scope).some((body) => body.partiql === true),
	'partiql: false': (scope) => bodies(scope).some((body) => body.partiql === false),
	'Scan': (scope) => bodies(scope).some((body) => listed(body.actions).includes('Scan')),
	'several tables': (scope) => bodies(scope).some((body) => listed(body.table).length > 1),
	'several statements': (scope) => scope.access.length > 1,
	'a hand-written document': (scope) => scope.access.some((entry) => entry.document),
};

function* requestClasses(scope, request) {
	const body = bodies(scope);
	const tags = request.tags ?? {};
	yield `action ${request.action}`;
	yield `resource ${request.resource}`;
	yield* listClass('rows', request.leading_keys, body.flatMap((each) => listed(each.leading_keys)), (pattern, value) => asExpression(bound(pattern, tags)).test(value));
	yield* listClass('columns', request.attributes, body.flatMap((each) => listed(each.attributes)), (name, value) => name === value);
	yield `Select ${request.select ?? 'missing'}`;
	yield `ReturnValues ${request.return_values ?? 'missing'}`;
	yield `EnclosingOperation ${request.enclosing_operation ?? 'missing'}`;
	yield `FullTableScan ${request.full_table_scan ?? 'missing'}`;
	const wanted = body.flatMap((each) => listed(each.endpoint));
	if (wanted.length)
		yield `endpoint: ${request.endpoint ? wanted.includes(request.endpoint) ? 'right' : 'wrong' : 'missing'}`;
	if (request.region)
		yield 'another region';
	if (request.account_id)
		yield 'another account';
	if (scope.ends_at)
		yield `time: ${request.at < scope.ends_at ? 'before the end' : request.at === scope.ends_at ? 'at the end' : 'after the end'}`;
}

// How much of the scope its session policy says.
function sessionClass(answer) {
	const statements = JSON.parse(answer.session).Statement;
	if (answer.session === answer.ending_role)
		return 'session policy: whole';
	return `session policy: ${statements[0]?.Action === '*' && statements[0].Effect === 'Allow' ? 'everything' : 'without conditions'}`;
}

// The operators of its documents, without quantifier and IfExists: these once more.
function* conditionClasses(scope) {
	for (const { document } of scope.access.filter((entry) => entry.document))
		for (const op of [document.Statement ?? document].flat().flatMap((statement) => Object.keys(statement.Condition ?? {}))) {
			yield `condition ${op.replace(/^For.*:|IfExists$/g, '')}`;
			yield* (op.match(/^For.*:|IfExists$/g) ?? []).map((part) => `condition ${part}`);
		}
}

const operators = ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike', 'Bool', 'BinaryEquals', 'IpAddress', 'NotIpAddress',
	'ArnEquals', 'ArnNotEquals', 'ArnLike', 'ArnNotLike', 'Null', 'ForAllValues:', 'ForAnyValue:', 'IfExists',
	...['Numeric', 'Date'].flatMap((family) => ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map((name) => family + name))];

function* tagClasses(request, names) {
	for (const name of names) {
		const value = request.tags?.[name];
		yield `tag: ${value === undefined ? 'missing' : value === '' ? 'empty' : /^[a-z0-9-]+$/.test(value) ? 'plain' : 'odd'}`;
	}
}

// Where an allowed request would be a mistake, or can't be.
const onlyDenied = /^(rows: empty|columns: empty|another (account|region)|time: (at|after) the end)$/;
const fixed = [
	...['table', 'index', 'stream', 'backup', 'export', 'import', 'global-table', 'none', 'other'].map((name) => `resource ${name}`),
	...['missing', 'empty', 'all in', 'mixed', 'all out'].map((name) => `rows: ${name}`),
	...['missing', 'empty', 'all in', 'mixed', 'all out'].map((name) => `columns: ${name}`),
	...['missing', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'].map((name) => `Select ${name}`),
	...['missing', 'NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW'].map((name) => `ReturnValues ${name}`),
	...['missing', 'TransactGetItems', 'TransactWriteItems', 'ExecuteTransaction', 'BatchExecuteStatement'].map((name) => `EnclosingOperation ${name}`),
	...['missing', 'true', 'false'].map((name) => `FullTableScan ${name}`),
	...['right', 'wrong', 'missing'].map((name) => `endpoint: ${name}`),
	...['before', 'at', 'after'].map((name) => `time: ${name} the end`),
	...['missing', 'empty', 'plain', 'odd'].map((name) => `tag: ${name}`),
	'another region', 'another account', ...regions.map((name) => `region ${name}`),
	...['whole', 'without conditions', 'everything'].map((name) => `session policy: ${name}`),
	...Object.keys(forms).map((name) => `form: ${name}`), ...operators.map((name) => `condition ${name}`), ...otherActions.map((name) => `action ${name}`),
];

export class Coverage {
	constructor(actions) {
		this.counts = new Map([...fixed, ...Object.keys(actions).map((name) => `action dynamodb:${name}`)].map((name) => [name, { allowed: 0, denied: 0 }]));
	}

	add(scope, answer, request, names, isAllowed) {
		const classes = [sessionClass(answer), `region ${scope.region}`, ...requestClasses(scope, request), ...tagClasses(request, names), ...conditionClasses(scope),
			...Object.keys(forms).filter((name) => forms[name](scope)).map((name) => `form: ${name}`)];
		for (const name of new Set(classes))
			this.counts.get(name)[isAllowed ? 'allowed' : 'denied']++;
	}

	// What never came up, or only with one outcome where both are possible.
	missing() {
		return [...this.counts].filter(([name, { allowed, denied }]) => denied === 0 || (allowed === 0 && !onlyDenied.test(name)))
			.map(([name, { allowed, denied }]) => `${name}: allowed ${allowed}, denied ${denied}`);
	}

	table() {
		return [...this.counts].map(([name, { allowed, denied }]) => `${String(allowed).padStart(8)} ${String(denied).padStart(8)}  ${name}`).join('\n');
	}
}
