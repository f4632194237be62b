// SPDX-License-Identifier: MIT
// Makes hand-written documents, and requests that lie close to their borders.
//
// Left out, as the oracle says otherwise than the IAM User Guide or has no word on it
// (tests/test_condition.c has them): a negated operator against a variable without a
// value, ForAnyValue with IfExists on an absent key, ${*} outside Like, texts where a
// number, a time or an address belongs, times as seconds or a year alone, 0.0.0.0/0, a
// NotResource that is an ARN with fewer than six parts or has a variable without a
// value, a variable before the last part of an ARN.
import { account, partitionOf, roleArn } from './oracle.mjs';

const negatable = (name) => name.replace(/^String/, 'StringNot');
const oneOrMany = (list, random) => list.length === 1 && random.chance(0.6) ? list[0] : list;
const partly = (list, most, random) => oneOrMany(random.some(list, 1, most), random);

// Condition keys: what a policy may want of them, and what a request may carry.
const strings = {
	'aws:PrincipalTag/team': { wanted: ['red', 'blue', 'Red'], like: ['r*', '*d', 'b?ue', '${aws:PrincipalTag/jit_user}*', '${*}', '*'], carried: ['red', 'blue', 'RED', 'Red', '*', 'ann-1', ''] },
	'aws:UserAgent': { wanted: ['aws-cli', 'Boto3'], like: ['aws-*', '*3', '??????'], carried: ['aws-cli', 'boto3', 'Boto3', 'aws-sdk-go', 'a.c'] },
	'aws:PrincipalTag/jit_user': { wanted: ['ann', 'bob', "${aws:PrincipalTag/team, 'ann'}"], like: ['a*', 'b*', "${aws:PrincipalTag/team, 'a'}*"], carried: [] },
	'aws:SourceVpce': { wanted: ['vpce-0a1', 'vpce-0b2'], like: ['vpce-0a*', '*'], carried: [] },
	'aws:RequestedRegion': { wanted: ['eu-west-1', 'us-east-1'], like: ['eu-*', 'us-*'], carried: [] },
	'dynamodb:Select': { wanted: ['SPECIFIC_ATTRIBUTES', 'COUNT'], like: ['ALL_*', '*E*'], carried: [] },
	'dynamodb:ReturnConsumedCapacity': { wanted: ['TOTAL', 'NONE'], like: ['T*'], carried: ['TOTAL', 'NONE'] },
	'dynamodb:ReturnValues': { wanted: ['NONE', 'UPDATED_NEW'], like: ['UPDATED_*', 'ALL*'], carried: [] },
};
const lists = {
	'dynamodb:LeadingKeys': { wanted: ['acme', 'evil', '${aws:PrincipalTag/jit_user}'], like: ['acme*', '${aws:PrincipalTag/jit_user}*', 'e?il'], carried: [] },
	'dynamodb:Attributes': { wanted: ['pk', 'sk', 'status', 'total'], like: ['p*', 's*'], carried: [] },
	'aws:TagKeys': { wanted: ['owner', 'Cost'], like: ['o*', 'c*', '*t'], carried: [['owner'], ['cost', 'owner'], ['Cost'], ['other'], ['owner', 'other']] },
	'dynamodb:FirstPartitionKeyValues': { wanted: ['acme', 'evil'], like: ['a*'], carried: [['acme'], ['acme', 'evil'], ['other']] },
	'aws:CalledVia': { wanted: ['athena.amazonaws.com', 'kms.amazonaws.com'], like: ['*.amazonaws.com', 'a*'], carried: [['athena.amazonaws.com'], ['kms.amazonaws.com', 'athena.amazonaws.com'], ['x']] },
};
const numbers = { wanted: ['300', '3600', '1.5', '0', '-1'], carried: ['-2', '10', '300', '3600', '1.5', '1.50', '0300'] };
const times = { wanted: ['2026-11-24T15:29:00Z', '2026-11-24T15:30:00Z', '2026-11-24', '2026-11', '2027-01', '2026-11-24T16:29:00+01:00', '2026-11-24T15:29:00.5Z', '2026-11-24T15:29Z'], carried: ['2026-11-24T15:29:00Z', '2026-11-24T00:00:00Z', '2025-01-01T00:00:00Z', '2027-01-01T00:00:00Z'] };
const addresses = { wanted: ['203.0.113.0/24', '203.0.113.0/29', '0.0.0.0/1', '198.51.100.9/32', '2001:db8::/32', '2001:db8:1::/48', '::/0'], carried: ['203.0.113.7', '203.0.113.200', '198.51.100.9', '2001:db8:1::5', '2001:db9::1'] };
const arns = {
	wanted: [roleArn, 'arn:aws:iam::*:role/jit-*', 'arn:*:iam::123456789012:role/*', 'arn:aws:iam::123456789012:user/ann', 'arn:aws:sns:eu-west-1:123456789012:*', 'arn:aws:sns:*:*:to?ic', 'arn:aws:sns:*:*:${aws:PrincipalAccount}-topic', 'arn:aws:sns:eu-west-1:*:*:s?b'],
	carried: ['arn:aws:sns:eu-west-1:123456789012:topic', 'arn:aws:sns:us-east-1:123456789012:topic', 'arn:aws:sns:eu-west-1:123456789012:topic:sub', 'arn:aws:sns:eu-west-1:123456789012:123456789012-topic', 'arn:aws:iam::123456789012:user/ann'],
};

const ifExists = (op, random) => random.chance(0.3) ? op + 'IfExists' : op;
const mayNegate = (op, random) => random.chance(0.35) ? negatable(op) : op;

// Each operator has its turn, so that every run of some length has all of them.
const turns = {};
function inTurn(name, list) {
	turns[name] = (turns[name] ?? -1) + 1;
	return list[turns[name] % list.length];
}

function onString(isDeny, random) {
	const key = random.pick(Object.keys(strings));
	const named = inTurn('string', ['StringEquals', 'StringLike', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotLike', 'StringNotEqualsIgnoreCase', 'StringLike', 'BinaryEquals', 'StringEquals']);
	const op = named.replace('Not', ''), isLike = op === 'StringLike';
	const values = (isLike ? strings[key].like : strings[key].wanted).filter((value) => named === 'StringLike' || op === 'StringEquals' && named === op || !value.includes('$'));
	return [ifExists(named, random), key, partly(values, 3, random)];
}

// An Allow that rests on ForAnyValue or IfExists of rows or columns is refused.
function onList(isDeny, random) {
	const key = random.pick(Object.keys(lists));
	const isLike = random.chance(0.4);
	const op = mayNegate(isLike ? 'StringLike' : 'StringEquals', random);
	const values = (isLike ? lists[key].like : lists[key].wanted).filter((value) => !op.includes('Not') || !value.includes('$'));
	const isStrict = !isDeny && key.startsWith('dynamodb:') && !random.chance(0.02);
	const quantifier = isStrict ? inTurn('strict', ['ForAllValues:', 'ForAllValues:', '']) : inTurn('list', ['ForAllValues:', 'ForAnyValue:', 'ForAllValues:', 'ForAnyValue:', '']);
	return [quantifier + (isStrict || quantifier === 'ForAnyValue:' ? op : ifExists(op, random)), key, partly(values, 3, random)];
}

function onOrder(family, keys, values, random) {
	const op = family + inTurn(family, ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']);
	return [ifExists(op, random), random.pick(keys), partly(values.wanted, 2, random)];
}

function onPresence(isDeny, random) {
	const key = random.pick([...Object.keys(strings), ...Object.keys(lists), 'aws:SourceIp', 'aws:SourceArn', 'aws:MultiFactorAuthAge']);
	return ['Null', key, random.pick(['true', 'false', true, false, ['true', 'false']])];
}

function onBoolean(isDeny, random) {
	return [ifExists('Bool', random), random.pick(['aws:SecureTransport', 'aws:MultiFactorAuthPresent', 'dynamodb:FullTableScan']), random.pick(['true', 'false', 'False', true, ['true', 'false']])];
}

function onArn(isDeny, random) {
	return [ifExists(inTurn('arn', ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike']), random), random.pick(['aws:PrincipalArn', 'aws:SourceArn']), partly(arns.wanted, 3, random)];
}

const onNumber = (isDeny, random) => onOrder('Numeric', ['aws:MultiFactorAuthAge'], numbers, random);
const onTime = (isDeny, random) => onOrder('Date', ['aws:CurrentTime', 'aws:TokenIssueTime'], times, random);
const makers = [
	onString, onTime, onList, onNumber, onPresence, onString, onTime, onBoolean, onArn, onList, onNumber,
	(isDeny, random) => [ifExists(inTurn('address', ['IpAddress', 'NotIpAddress']), random), 'aws:SourceIp', partly(addresses.wanted, 3, random)],
];

// AWS compares keys without regard to case, but for the name of a tag here and there.
const written = (key, random) => random.chance(0.1) && !key.includes('/') ? random.pick([key.toLowerCase(), key.toUpperCase()]) : key;

function condition(isDeny, random) {
	const all = {};
	for (let left = random.chance(0.6) ? 1 : 2; left > 0; left--) {
		const [op, key, value] = inTurn('maker', makers)(isDeny, random);
		(all[op] ??= {})[written(key, random)] = value;
		if (op.startsWith('ForAllValues:') && (!isDeny || random.chance(0.5)))
			(all.Null ??= {})[key] = 'false'; // or the language refuses it
	}
	return all;
}

const s3Actions = ['s3:GetObject', 's3:PutObject', 's3:Get*', 's3:*Object', 's3:???Object', 'S3:getobject', 'sqs:SendMessage', 'sqs:*'];
const dynamodbActions = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:Put*', 'dynamodb:*Item', 'DynamoDB:getitem', 'dynamodb:*', '*'];
const others = {
	's3:GetObject': ['arn:aws:s3:::invoices/acme/1', 'arn:aws:s3:::invoices/evil/1', 'arn:aws:s3:::logs/acme:1', 'arn:aws:s3:::invoices/ann/1'],
	's3:PutObject': ['arn:aws:s3:::invoices/acme/1', 'arn:aws:s3:::invoices/evil/1'],
	'sqs:SendMessage': ['arn:aws:sqs:eu-west-1:123456789012:jobs', 'arn:aws:sqs:eu-west-1:123456789012:mails'],
};
export const otherActions = Object.keys(others);

function resources(region, isNot, random) {
	const dynamodb = (rest) => `arn:${partitionOf(region)}:dynamodb:${rest}`;
	return random.chance(0.15) ? '*' : partly([
		dynamodb(`${region}:${account}:table/orders`), dynamodb(`*:*:table/orders*`), dynamodb(`${region}:*:table/pay?oll`), dynamodb(`${region}:${account}:*`),
		dynamodb(`${region}:${account}:table/\${aws:PrincipalTag/team}-orders`), dynamodb(`${region}:${account}:table/\${aws:PrincipalTag/team, 'acme'}-orders`),
		dynamodb(`${region}:${account}:table/*/index/by-*`), dynamodb(`${region}:${account}:table/*/stream/20??-*`), dynamodb(`*:${account}:table/*-eu`), dynamodb(`:${account}:global-table/*`),
		dynamodb(`${region}:${account}:table/orders/*`), 'arn:aws:s3:::invoices/*', 'arn:aws:s3:::invoices/${aws:PrincipalTag/jit_user}/*', 'arn:aws:s3:::logs/*',
		'arn:aws:s3:::invoices/acme/?', 'arn:aws:sqs:*:*:jobs', 'arn:aws:sqs:eu-west-1:123456789012:*', 'arn:aws:s3:*',
	].filter((arn) => !isNot || !arn.includes('${') && arn !== 'arn:aws:s3:*'), 4, random);
}

function statement(region, random) {
	const isDeny = random.chance(0.3);
	const actions = partly(random.chance(0.6) ? dynamodbActions : s3Actions, 3, random);
	const isNot = random.chance(0.12);
	return {
		Effect: isDeny ? 'Deny' : 'Allow',
		[random.chance(0.12) ? 'NotAction' : 'Action']: actions,
		[isNot ? 'NotResource' : 'Resource']: resources(region, isNot, random),
		...(random.chance(isDeny ? 0.9 : 0.6) ? { Condition: condition(isDeny, random) } : {}),
	};
}

export function makeDocument(region, random) {
	const list = Array.from({ length: 1 + random.below(3) }, () => statement(region, random));
	return { document: random.chance(0.3) ? list[0] : random.chance(0.5) ? list : { Version: '2012-10-17', Statement: list } };
}

const carried = {
	...Object.fromEntries(Object.entries({ ...strings, ...lists }).map(([key, { carried }]) => [key, carried]).filter(([, list]) => list.length)),
	'aws:SourceIp': addresses.carried, 'aws:MultiFactorAuthAge': numbers.carried, 'aws:TokenIssueTime': times.carried, 'aws:SourceArn': arns.carried,
	'aws:SecureTransport': ['true', 'false', 'TRUE'], 'aws:MultiFactorAuthPresent': ['true', 'false'],
};

// The values that a document wants of a key, those that can be carried as they are.
function wantedBy(scope, key) {
	const statements = scope.access.flatMap(({ document }) => document ? [document.Statement ?? document].flat() : []);
	return statements.flatMap((each) => Object.entries(each.Condition ?? {})).filter(([op]) => op !== 'Null')
		.flatMap(([, keys]) => Object.entries(keys)).filter(([name]) => name.toLowerCase() === key.toLowerCase())
		.flatMap(([, value]) => value).filter((value) => typeof value === 'string' && !/[*?$/]/.test(value));
}

// What a request carries beyond DynamoDB's keys: what the document looks at, as a rule,
// and as often as not what it wants.
export function makeContext(scope, random) {
	const text = JSON.stringify(scope.access).toLowerCase();
	const context = {};
	for (const [key, values] of Object.entries(carried)) {
		const wanted = wantedBy(scope, key);
		if (!random.chance(text.includes(key.toLowerCase()) ? 0.75 : 0.05))
			continue;
		if (wanted.length && random.chance(0.5))
			context[key] = Array.isArray(values[0]) ? random.some(wanted, 1, 2) : random.pick(wanted);
		else
			context[key] = random.pick(values);
	}
	return context;
}

export function makeOtherRequest(random) {
	const action = random.pick(otherActions);
	return { action, resource: 'other', arn: random.pick(others[action]) };
}
