// SPDX-License-Identifier: MIT
// Holds a scope's own meaning against what the oracle makes of its documents.
import { isAllowed, role, roleArn, stored, storedEndpoint } from './oracle.mjs';
import { parametersOf, regions } from './scopes.mjs';
import { account } from './oracle.mjs';
import { yaml } from './yaml.mjs';

const everything = stored('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}');

export function question(scope, requests, random) {
	return {
		access: scope.yaml ?? yaml(scope.access, random), parameters: scope.parameters ?? parametersOf(scope.access),
		ends_at: scope.ends_at, role, region: scope.region ?? regions[0], account_id: account, requests,
	};
}

// The role's policy with nothing but who, what and where: an endpoint's can't be wider.
function withoutConditions(text) {
	const document = JSON.parse(text);
	document.Statement = document.Statement.filter((statement) => statement.Effect === 'Allow')
		.map(({ Condition, ...rest }) => rest);
	return stored(JSON.stringify(document));
}

// The documents of an answer, each as IAM would hold it.
function documentsOf(answer) {
	return {
		role: stored(answer.role), ending: stored(answer.ending_role), session: stored(answer.session),
		bare: withoutConditions(answer.role),
		endpoints: Object.fromEntries(Object.entries(answer.endpoints).map(([id, text]) => [id, storedEndpoint(text)])),
	};
}

// Each way in which the documents are used: what is to come out, and what does.
async function waysOf(documents, request, { arn, allowed }) {
	const ending = await isAllowed({ role: [documents.ending] }, request, arn);
	const ways = [{ way: 'the role\'s policy', expected: allowed, oracle: ending }, {
		way: 'the role\'s and the session\'s policy', expected: allowed,
		oracle: await isAllowed({ role: [documents.role], session: documents.session }, request, arn),
	}];
	const endpoint = documents.endpoints[request.endpoint];
	if (!endpoint)
		return ways;
	ways.push({
		way: 'the role\'s and the endpoint\'s policy', expected: allowed,
		oracle: await isAllowed({ role: [documents.ending], endpoint }, request, arn),
	}, {
		way: 'the endpoint\'s policy and another role', expected: false,
		oracle: await isAllowed({ role: [everything], endpoint }, { ...request, principal: roleArn + '-2' }, arn),
	});
	const most = await isAllowed({ role: [documents.bare] }, request, arn);
	const alone = await isAllowed({ role: [everything], endpoint }, request, arn);
	ways.push({ way: 'the endpoint\'s policy, at most what the scope names', expected: most && alone, oracle: alone });
	return ways;
}

// { answer, pairs: [{ request, judgement, ways }] }; no pairs where the language refuses.
export async function compare(judge, scope, requests, random) {
	const answer = await judge.ask(question(scope, requests, random));
	if (!answer.role)
		return { answer, pairs: [] };
	const documents = documentsOf(answer);
	const home = scope.region ?? regions[0];
	const pairs = [];
	for (const [i, request] of requests.entries())
		pairs.push({
			request, judgement: answer.judgements[i],
			ways: await waysOf(documents, { ...request, home, region: request.region ?? home }, answer.judgements[i]),
		});
	return { answer, pairs };
}

export const isDifferent = ({ expected, oracle }) => expected !== oracle;
export const differs = (pair) => pair.ways.some(isDifferent);
