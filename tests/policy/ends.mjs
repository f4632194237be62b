// SPDX-License-Identifier: MIT
// node ends.mjs JUDGE: who may become a role, and when its sessions are over.
// The trust policy and the Deny of ends against the oracle, over all that matters.
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { Judge } from './judge.mjs';
import { account, isAllowed, role, roleArn, stored } from './oracle.mjs';
import { Random } from './random.mjs';

// The oracle knows no claim of a provider that it has not heard of; the document
// is the same but for the name, so the provider here is one that it knows.
const provider = 'accounts.google.com';
const judge = new Judge(process.argv[2]);
let wrong = 0, tried = 0;

function expect(what, expected, said) {
	tried++;
	if (expected === said)
		return;
	wrong++;
	console.log(`${what}: ${expected ? 'allowed' : 'denied'} is right, the oracle says ${said ? 'allowed' : 'denied'}`);
}

async function mayBecome(trust, action, claims, by) {
	const answer = await runSimulation({
		request: {
			principal: by, action, resource: { resource: roleArn, accountId: account },
			contextVariables: claims,
		},
		identityPolicies: [], serviceControlPolicies: [], resourceControlPolicies: [], resourcePolicy: trust,
	}, {});
	if (answer.errors)
		throw new Error(JSON.stringify(answer.errors));
	return answer.overallResult === 'Allowed';
}

const ours = `arn:aws:iam::${account}:oidc-provider/${provider}`;
const providers = { [ours]: true, [`arn:aws:iam::${account}:oidc-provider/evil.example.com`]: false, [`arn:aws:iam::210987654321:oidc-provider/${provider}`]: false };
const audiences = { 'sts.amazonaws.com': true, 'sts.amazonaws.com.evil.example': false, orders: false, '': false };
const actions = { 'sts:AssumeRoleWithWebIdentity': true, 'sts:AssumeRoleWithSAML': false, 'sts:AssumeRole': false };

async function trustOf(more) {
	const { trust } = await judge.ask({ access: '- dynamodb: { table: orders, actions: read }', profile: 'orders-support', issuer: `https://${provider}`, role, ...more });
	return JSON.parse(trust);
}

// subjects, requests: {value: whether it is the right one}; '' is none.
async function holdTrust(trust, subjects, requests) {
	for (const [sub, isSub] of Object.entries(subjects))
		for (const [aud, isAud] of Object.entries(audiences))
			for (const [id, isRequest] of Object.entries(requests))
				for (const [by, isBy] of Object.entries(providers))
					for (const [action, isAction] of Object.entries(actions)) {
						const claims = { ...sub && { [`${provider}:sub`]: sub }, ...aud && { [`${provider}:aud`]: aud }, ...id && { 'aws:RequestTag/jit_request': id } };
						expect(`${action} by ${by} with ${JSON.stringify(claims)}`, isSub && isAud && isRequest && isBy && isAction, await mayBecome(trust, action, claims, by));
					}
}

async function trusts() {
	const trust = await trustOf({});
	const others = { 'profile:orders-support2:user:ann': false, 'profile:orders:user:ann': false, 'profile:orders-support': false,
		'xprofile:orders-support:user:ann': false, 'PROFILE:orders-support:user:ann': false, ann: false, '': false };
	await holdTrust(trust, { 'profile:orders-support:user:ann': true, 'profile:orders-support:user:a@b.c': true, ...others }, { 'r-7k2m9x4q1d': true, '': true });
	// A role of its own for each session: of one user's one request.
	await holdTrust(await trustOf({ user: 'ann', request: 'r-7k2m9x4q1d' }), { 'profile:orders-support:user:ann': true, 'profile:orders-support:user:anna': false, 'profile:orders-support:user:*': false, ...others },
		{ 'r-7k2m9x4q1d': true, 'r-aaaaaaaaaa': false, '*': false, '': false });
	// What goes with it: the oracle knows no claims of these, so without conditions.
	const bare = { ...trust, Statement: trust.Statement.map(({ Condition, ...rest }) => rest) };
	for (const action of ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity', 'sts:AssumeRole', 'sts:AssumeRoleWithSAML'])
		for (const [by, isBy] of Object.entries(providers))
			expect(`${action} by ${by}`, isBy && !/Role$|SAML$/.test(action), await mayBecome(bare, action, {}, by));
}

const now = 1795534200;

// count sessions with their ends in a document of that room: whoever is denied is
// denied from his own date on, which is his end or a little later.
async function holdEnds(count, room, random) {
	const ids = Array.from({ length: count }, (_, i) => `r-${String(i).padStart(10, 'a')}`);
	const ends = Object.fromEntries(ids.map((id) => [id, random.chance(0.3) ? 0 : now + 1 + random.below(2000)]));
	const answer = await judge.ask({ access: '- dynamodb: { table: orders, actions: read }', ends, now, room, role });
	if (answer.ends?.error)
		return expect(`${count} ends in ${room} characters`, true, false);
	const documents = { role: [stored(answer.role), ...answer.ends ? [stored(answer.ends)] : []] };
	if (answer.ends?.length > room)
		expect(`${count} ends in ${room} characters`, true, false);
	for (const id of [...random.some(ids, Math.min(3, count), 5), 'r-zzzzzzzzzz', undefined]) {
		const from = id in ends ? answer.denied_from[id] : Infinity;
		if (from < ends[id] && ends[id] !== 0 && from !== 0)
			expect(`${id} before its end`, true, false);
		for (const at of [now, ends[id] - 1, ends[id], from - 1, from, from + 3600].filter((time) => Number.isFinite(time) && time > 0)) {
			const request = { action: 'dynamodb:Query', at, tags: id ? { jit_request: id } : {} };
			expect(`${id} at ${at} under ${JSON.stringify(ends)}`, at < from, await isAllowed(documents, request, `arn:aws:dynamodb:eu-west-1:${account}:table/orders`));
		}
	}
}

async function ends() {
	const random = new Random(7);
	for (let turn = 0; turn < 40; turn++)
		await holdEnds(random.below(6), 10240, random);
	for (let turn = 0; turn < 20; turn++)
		await holdEnds(40 + random.below(20), 3000, random);
}

await trusts();
await ends();
judge.close();
console.log(`${wrong} differences in ${tried} questions of trust and of ends`);
process.exitCode = wrong ? 1 : 0;
