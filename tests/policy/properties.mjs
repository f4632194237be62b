// SPDX-License-Identifier: MIT
// node properties.mjs JUDGE [--pairs N] [--seed N] [--coverage]
//
// Generated scopes and generated requests: the scope's own meaning and the
// oracle's verdict on its documents must be the same for each pair.  Prints the
// seed; a difference is made small and printed with what it takes to keep it.
import { parseArgs } from 'node:util';
import { compare, differs, isDifferent } from './compare.mjs';
import { Coverage } from './coverage.mjs';
import { Judge } from './judge.mjs';
import { dynamodbActions } from './oracle.mjs';
import { Random } from './random.mjs';
import { makeRequest } from './requests.mjs';
import { makeDocumentScope, makeScope, parametersOf } from './scopes.mjs';
import { shrink } from './shrink.mjs';
import { yaml } from './yaml.mjs';

const perScope = 10;
const usualSeed = '20261124';
const { values: options, positionals: [program] } = parseArgs({
	allowPositionals: true,
	options: { pairs: { type: 'string', default: '5000' }, seed: { type: 'string', default: usualSeed }, coverage: { type: 'boolean' } },
});
const wanted = Number(options.pairs);
const actions = await dynamodbActions();
const coverage = new Coverage(actions);
const judge = new Judge(program);
const random = new Random(Number(options.seed));
const turns = { any: 0, admin: 0 };
let pairs = 0, scopes = 0, refused = 0, allowedPairs = 0, differences = 0, unstable = 0;

const actionsIn = (text) => [...new Set(JSON.parse(text).Statement.filter((statement) => statement.Effect === 'Allow')
	.flatMap((statement) => [statement.Action ?? []].flat()).map((name) => name.replace('dynamodb:', '')).filter((name) => name in actions))];

async function report(scope, pair) {
	const small = await shrink(judge, scope, pair.request);
	const { answer, pairs: [again] } = await compare(judge, small.scope, [small.request]);
	console.log(`\ndifference ${++differences}:\n${yaml(small.scope.access)}${JSON.stringify({ ends_at: small.scope.ends_at, request: small.request }, null, '\t')}`);
	for (const way of again.ways.filter(isDifferent))
		console.log(`${way.way}: the scope means ${way.expected ? 'allowed' : 'denied'}, the documents say ${way.oracle ? 'allowed' : 'denied'}`);
	console.log(`role: ${answer.role}\nsession: ${answer.session}\nendpoints: ${JSON.stringify(answer.endpoints)}`);
	console.log('once it is mended, keep it as tests/vectors/policies/NAME.json:');
	console.log(JSON.stringify({ why: '', region: small.scope.region, access: small.scope.access, ends_at: small.scope.ends_at, request: small.request, allowed: again.judgement.allowed }));
}

// A document that was compiled, read as a hand-written one, compiles to itself.
async function isStable(scope, text) {
	const again = await judge.ask({ access: `- document: ${text}\n`, parameters: {}, region: scope.region });
	if (again.role === text)
		return true;
	console.log(`\nnot stable:\n${yaml(scope.access)}${text}\n${again.role ?? JSON.stringify(again.findings)}`);
	return false;
}

while (pairs < wanted && differences + unstable < 5) {
	const make = scopes % 4 === 3 ? makeDocumentScope : makeScope;
	const scope = make(Object.keys(actions), random.fork());
	const own = random.fork(), style = random.fork();
	const names = Object.keys(parametersOf(scope.access));
	scopes++;
	const { answer } = await compare(judge, scope, [], style);
	if (!answer.role) {
		refused++;
		continue;
	}
	if (scopes % 3 === 0 && !await isStable(scope, answer.role))
		unstable++;
	const allowed = actionsIn(answer.role);
	const requests = Array.from({ length: perScope }, () => makeRequest(scope, names, actions, allowed, turns, own));
	for (const pair of (await compare(judge, scope, requests, style)).pairs) {
		if (pairs === wanted)
			break;
		coverage.add(scope, answer, pair.request, names, pair.judgement.allowed);
		pairs++;
		allowedPairs += pair.judgement.allowed;
		if (differs(pair))
			await report(scope, pair);
	}
}
judge.close();

if (options.coverage)
	console.log(` allowed   denied\n${coverage.table()}`);
// Fewer can't be everywhere, but for the seed that was looked for.
const missing = wanted >= (options.seed === usualSeed ? 5000 : 30000) ? coverage.missing() : [];
if (missing.length > 0 && differences === 0)
	console.log(`\nnever came up:\n  ${missing.join('\n  ')}`);
console.log(`seed ${options.seed}: ${scopes} scopes, ${refused} refused by the language, ${allowedPairs} pairs allowed, ${pairs - allowedPairs} denied`);
console.log(`${differences} differences in ${pairs.toLocaleString('en')}`);
process.exitCode = differences || unstable || missing.length ? 1 : 0;
