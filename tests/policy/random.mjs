// SPDX-License-Identifier: MIT
// Numbers that a seed decides, so that a failure can be run again.

export class Random {
	constructor(seed) {
		this.state = seed >>> 0;
	}

	// mulberry32: a number from 0 to 1, 1 left out.
	next() {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let t = this.state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}

	below(n) {
		return Math.floor(this.next() * n);
	}

	chance(probability) {
		return this.next() < probability;
	}

	pick(list) {
		return list[this.below(list.length)];
	}

	// Some of the list, least to most of them, in its order.
	some(list, least, most) {
		const wanted = Math.min(list.length, least + this.below(most - least + 1));
		const chosen = new Set();
		while (chosen.size < wanted)
			chosen.add(this.below(list.length));
		return list.filter((_, i) => chosen.has(i));
	}

	// A generator of its own for a part, so that parts don't shift each other.
	fork() {
		return new Random(Math.floor(this.next() * 4294967296));
	}
}
