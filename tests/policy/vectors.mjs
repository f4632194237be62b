// SPDX-License-Identifier: MIT
// node vectors.mjs JUDGE FILE...: plays again each difference that was ever found.
// A file says what is right: {"allowed"} for its request, or {"refused"}, a piece of
// what the language says against its scope.
import { readFileSync } from 'node:fs';
import { compare, isDifferent } from './compare.mjs';
import { Judge } from './judge.mjs';

const [program, ...files] = process.argv.slice(2);
const judge = new Judge(program);
let wrong = 0;

async function verdict(vector) {
	const { answer, pairs: [pair] } = await compare(judge, vector, vector.request ? [vector.request] : []);
	if (vector.refused)
		return !answer.role && answer.findings.some((finding) => finding.is_error && finding.message.includes(vector.refused))
			? '' : `not refused: ${JSON.stringify(answer.findings)}`;
	if (!pair)
		return `refused: ${JSON.stringify(answer.findings)}`;
	if (pair.judgement.allowed !== vector.allowed)
		return `the scope means ${pair.judgement.allowed}`;
	return pair.ways.filter(isDifferent).map(({ way, oracle }) => `${way}: ${oracle}`).join('; ');
}

for (const file of files) {
	const problem = await verdict(JSON.parse(readFileSync(file, 'utf8')));
	wrong += problem !== '';
	if (problem)
		console.log(`${file}: ${problem}`);
}
judge.close();
console.log(`${wrong} differences in ${files.length} found before`);
process.exitCode = wrong || files.length === 0 ? 1 : 0;
