// SPDX-License-Identifier: MIT
// Makes a case that differs as small as it can be and still differ.
import { compare, differs } from './compare.mjs';

const clone = (value) => structuredClone(value);
const bodyOf = (entry) => entry.dynamodb ?? entry.deny?.dynamodb;

// Every value that lacks one thing of this one, however deep.
function* smallerValues(value) {
	if (!value || typeof value !== 'object')
		return;
	for (const key of Object.keys(value)) {
		const without = clone(value);
		if (Array.isArray(value))
			without.splice(key, 1);
		else
			delete without[key];
		if (Object.keys(without).length > 0)
			yield without;
		for (const smaller of smallerValues(value[key])) {
			const changed = clone(value);
			changed[key] = smaller;
			yield changed;
		}
	}
}

// Every scope that lacks one thing of this one.
function* smallerScopes(scope) {
	if (scope.region && scope.region !== 'eu-west-1')
		yield { ...scope, region: 'eu-west-1' };
	if (scope.ends_at)
		yield { ...scope, ends_at: 0 };
	for (const i of scope.access.keys()) {
		if (scope.access.length > 1)
			yield { ...scope, access: scope.access.filter((_, k) => k !== i) };
		if (scope.access[i].document) {
			for (const document of smallerValues(scope.access[i].document))
				yield { ...scope, access: scope.access.with(i, { document }) };
			continue;
		}
		for (const [key, value] of Object.entries(bodyOf(scope.access[i]))) {
			const without = clone(scope);
			delete bodyOf(without.access[i])[key];
			yield without;
			if (!Array.isArray(value))
				continue;
			for (const k of value.keys()) {
				const fewer = clone(scope);
				bodyOf(fewer.access[i])[key] = value.length === 2 ? value[1 - k] : value.filter((_, n) => n !== k);
				yield fewer;
			}
		}
	}
}

function* smallerRequests(request) {
	for (const [key, value] of Object.entries(request)) {
		if (['action', 'resource', 'at', 'table', 'child', 'arn'].includes(key))
			continue;
		const { [key]: _, ...without } = request;
		yield without;
		if (Array.isArray(value))
			for (const k of value.keys())
				yield { ...request, [key]: value.filter((_, n) => n !== k) };
	}
	for (const name of Object.keys(request.context ?? {})) {
		const { [name]: _, ...context } = request.context;
		yield { ...request, context };
	}
	for (const name of Object.keys(request.tags ?? {})) {
		const tags = { ...request.tags };
		delete tags[name];
		yield { ...request, tags };
	}
}

async function stillDiffers(judge, scope, request) {
	try {
		const { pairs } = await compare(judge, scope, [request]);
		return pairs.length > 0 && differs(pairs[0]);
	} catch {
		return false; // another failure than the one looked for
	}
}

async function first(candidates, holds) {
	for (const candidate of candidates)
		if (await holds(candidate))
			return candidate;
	return undefined;
}

export async function shrink(judge, scope, request) {
	for (;;) {
		const smaller = await first(smallerScopes(scope), (each) => stillDiffers(judge, each, request));
		if (smaller) {
			scope = smaller;
			continue;
		}
		const less = await first(smallerRequests(request), (each) => stillDiffers(judge, scope, each));
		if (!less)
			return { scope, request };
		request = less;
	}
}
