// SPDX-License-Identifier: MIT
// Writes an access list as YAML in one of the ways that people write it.

const isPlain = (text) => /^[A-Za-z][A-Za-z0-9_.-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);

function scalar(value, random) {
	if (typeof value !== 'string')
		return String(value);
	if (isPlain(value) && !random?.chance(0.2))
		return value;
	// A single quote inside needs a second one; JSON's escapes are YAML's too.
	return random?.chance(0.3) && !/[\\\n]/.test(value) ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

function flow(value, random) {
	if (Array.isArray(value))
		return `[${value.map((item) => flow(item, random)).join(', ')}]`;
	if (value && typeof value === 'object')
		return `{ ${Object.entries(value).map(([key, item]) => `${scalar(key, random)}: ${flow(item, random)}`).join(', ')} }`;
	return scalar(value, random);
}

function block(value, indent, random) {
	const pad = ' '.repeat(indent);
	const below = (item) => item && typeof item === 'object' && Object.keys(item).length && !random.chance(0.4)
		? '\n' + block(item, indent + 2, random) : ' ' + flow(item, random);
	if (Array.isArray(value))
		return value.map((item) => `${pad}-${below(item)}`).join('\n');
	return Object.entries(value).map(([key, item]) => `${pad}${scalar(key, random)}:${below(item)}`).join('\n');
}

// Without random: one entry a line, for people and for vectors.
export function yaml(access, random) {
	if (!random)
		return access.map((entry) => `- ${flow(entry)}`).join('\n') + '\n';
	return block(access, 0, random) + '\n';
}
