// Checks a finished build: `node scripts/verify-build.js [directory]`.
// It says nothing about the values in _app/env.js, which belong to the environment.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const root = process.argv[2] ?? 'build';
const problems = [];
const check = (condition, problem) => condition || problems.push(problem);
const read = (name) => {
	try {
		return readFileSync(join(root, name), 'utf8');
	} catch {
		problems.push(`${name}: missing`);
		return '';
	}
};

function* walk(directory) {
	for (const entry of readdirSync(directory, { withFileTypes: true })) {
		const path = join(directory, entry.name);
		if (entry.isDirectory()) yield* walk(path);
		else yield relative(root, path).split(sep).join('/');
	}
}

for (const page of ['index.html', 'login/index.html', 'settings/index.html', '404.html']) {
	const html = read(page);
	check(/<title>[^<]*glanceflow<\/title>/.test(html), `${page}: no title`);
	check(html.includes('<meta name="app" content="glanceflow"'), `${page}: no app marker`);
	check(html.includes('http-equiv="content-security-policy"'), `${page}: no security policy`);
	check(!/unsafe-(inline|eval)/.test(html), `${page}: the security policy is too weak`);
	check(!/ style="/.test(html), `${page}: style attribute`);
	if (page !== '404.html') {
		check(html.includes('import("/_app/env.js")'), `${page}: does not import /_app/env.js`);
	}
}

const policy =
	/http-equiv="content-security-policy" content="([^"]*)"/.exec(read('index.html'))?.[1] ?? '';
const env = read('_app/env.js');
check(/^export const env\s*=\s*\{[^]*\};?\s*$/.test(env), '_app/env.js: unexpected form');

// One build serves every environment, so no file but env.js may contain a value of one.
const apiBaseUrl = process.env.PUBLIC_API_BASE_URL;
for (const name of walk(root)) {
	check(!name.endsWith('.map'), `${name}: source map`);
	if (name === '_app/env.js') continue;
	const text = readFileSync(join(root, name), 'utf8');
	if (name.endsWith('.js')) {
		for (const [, style] of text.matchAll(/ style="([^"]+)"/g)) {
			const hash = createHash('sha256').update(style).digest('base64');
			check(
				policy.includes(`'sha256-${hash}'`),
				`${name}: style attribute without a hash: ${hash}`
			);
		}
	}
	if (apiBaseUrl && apiBaseUrl.length > 1) {
		check(!text.includes(apiBaseUrl), `${name}: contains the value of PUBLIC_API_BASE_URL`);
	}
}

if (problems.length > 0) {
	console.error(problems.join('\n'));
	process.exit(1);
}
console.log(`${root}: ok`);
