// SPDX-License-Identifier: MIT
// Talks to policy-judge: one question and one answer a line, many at a time.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Judge {
	constructor(program) {
		this.waiting = [];
		this.child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.child.on('exit', (code) => this.waiting.splice(0).forEach(({ reject }) =>
			reject(new Error(`policy-judge left with status ${code}`))));
		createInterface({ input: this.child.stdout }).on('line', (line) =>
			this.waiting.shift().resolve(JSON.parse(line)));
	}

	ask(question) {
		return new Promise((resolve, reject) => {
			this.waiting.push({ resolve, reject });
			this.child.stdin.write(JSON.stringify(question) + '\n');
		});
	}

	close() {
		this.child.stdin.end();
	}
}
