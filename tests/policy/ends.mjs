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

async function trusts() {
	const { trust: text } = await judge.ask({ access: '- dynamodb: { table: orders, actions: read }', profile: 'orders-support', issuer: `https://${provider}`, role });
	const trust = JSON.parse(text);
	const ours = `arn:aws:iam::${account}:oidc-provider/${provider}`;
	const subjects = { 'profile:orders-support:user:ann': true, 'profile:orders-support:user:': true, 'profile:orders-support:user:a@b.c': true,
		'profile:orders-support2:user:ann': false, 'profile:orders:user:ann': false, 'profile:orders-support': false,
		'xprofile:orders-support:user:ann': false, 'PROFILE:orders-support:user:ann': false, ann: false, '': false };
	const audiences = { 'sts.amazonaws.com': true, 'sts.amazonaws.com.evil.example': false, orders: false, '': false };
	const providers = { [ours]: true, [`arn:aws:iam::${account}:oidc-provider/evil.example.com`]: false, [`arn:aws:iam::210987654321:oidc-provider/${provider}`]: false };
	const actions = { 'sts:AssumeRoleWithWebIdentity': true, 'sts:AssumeRoleWithSAML': false, 'sts:AssumeRole': false };
	for (const [sub, isSub] of Object.entries(subjects))
		for (const [aud, isAud] of Object.entries(audiences))
			for (const [by, isBy] of Object.entries(providers))
				for (const [action, isAction] of Object.entries(actions)) {
					const claims = {};
					if (sub)
						claims[`${provider}:sub`] = sub;
					if (aud)
						claims[`${provider}:aud`] = aud;
					expect(`${action} by ${by} with sub ${sub || 'missing'}, aud ${aud || 'missing'}`,
						isSub && sub !== '' && isAud && aud !== '' && isBy && isAction, await mayBecome(trust, action, claims, by));
				}
	// What goes with it: the oracle knows no claims of these, so without conditions.
	const bare = { ...trust, Statement: trust.Statement.map(({ Condition, ...rest }) => rest) };
	for (const action of ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity', 'sts:AssumeRole', 'sts:AssumeRoleWithSAML'])
		for (const [by, isBy] of Object.entries(providers))
			expect(`${action} by ${by}`, isBy && !/Role$|SAML$/.test(action), await mayBecome(bare, action, {}, by));
}

async function ends() {
	const random = new Random(7), now = 1795534200;
	const access = '- dynamodb: { table: orders, actions: read }';
	for (let turn = 0; turn < 60; turn++) {
		const ids = Array.from({ length: random.below(6) }, (_, i) => `r-${'abcdef'[i].repeat(10)}`);
		const ends = Object.fromEntries(ids.map((id) => [id, random.chance(0.3) ? 0 : now + 60 * random.below(3)]));
		const answer = await judge.ask({ access, ends, role });
		const documents = { role: [stored(answer.role), ...answer.ends ? [stored(answer.ends)] : []] };
		for (const id of [...ids, 'r-zzzzzzzzzz', undefined])
			for (const at of [now - 1, now, now + 59, now + 60, now + 3600]) {
				const isOver = id in ends && (ends[id] === 0 || at >= ends[id]);
				const request = { action: 'dynamodb:Query', at, tags: id ? { jit_request: id } : {} };
				expect(`${id} at ${at} under ${JSON.stringify(ends)}`, !isOver,
					await isAllowed(documents, request, `arn:aws:dynamodb:eu-west-1:${account}:table/orders`));
			}
	}
}

await trusts();
await ends();
judge.close();
console.log(`${wrong} differences in ${tried} questions of trust and of ends`);
process.exitCode = wrong ? 1 : 0;
