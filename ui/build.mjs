/**
 * Bundles the console: `node build.mjs FOLDER`.
 *
 * One entry for each folder in src/pages; what several pages use is in chunks that ship once. The same sources and the
 * same lock file give the same bytes: names are hashes of contents, and nothing of this machine gets in.
 */
import * as esbuild from 'esbuild';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const outdir = path.resolve(process.argv[2] ?? path.join(here, 'dist'));
const pages = readdirSync(path.join(here, 'src/pages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** The license texts of the packages in the bundle, in the form in which ucc-gen lists those of its pages. */
function notices(metafile) {
    const folders = new Set();
    for (const input of Object.keys(metafile.inputs)) {
        const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
        if (match) folders.add(match[1]);
    }
    const found = new Map();
    for (const folder of folders) {
        const about = JSON.parse(readFileSync(path.join(here, folder, 'package.json'), 'utf-8'));
        const file = readdirSync(path.join(here, folder)).find((name) => /^licen[sc]e/i.test(name));
        const text = file ? readFileSync(path.join(here, folder, file), 'utf-8').trim() : '';
        const head = [`Name: ${about.name}`, `Version: ${about.version}`, `License: ${about.license ?? 'null'}`];
        found.set(`${about.name}@${about.version}`, [...head, 'License Text:', '===', '', text, '', ''].join('\n'));
    }
    return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text).join('---\n\n');
}

/**
 * react-page can replace a header that SplunkJS drew before (`lazyLoadLayout`), which we never ask for. It is left out: it
 * is the one reference to SplunkJS in the bundle, and AppInspect warns of that.
 */
const withoutSplunkJs = {
    name: 'without-splunkjs',
    setup(build) {
        build.onLoad({ filter: /@splunk[\\/]react-page[\\/]18\.js$/ }, ({ path: file }) => {
            const text = readFileSync(file, 'utf-8');
            const selector = `'header[data-view="splunkjs/mvc/headerview"]'`;
            if (text.split(selector).length !== 2) throw new Error('react-page has changed; see withoutSplunkJs.');
            return { contents: text.replace(selector, `'header'`), loader: 'js' };
        });
    },
};

const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: Object.fromEntries(pages.map((name) => [name, `src/pages/${name}/index.tsx`])),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2020',
    jsx: 'automatic',
    minify: true,
    legalComments: 'none',
    metafile: true,
    chunkNames: 'chunks/[hash]',
    plugins: [withoutSplunkJs],
    // Where node_modules really is must not get into the order of modules.
    preserveSymlinks: true,
    // The packages' CommonJS builds ask for these.
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.SC_DISABLE_SPEEDY': 'false', global: 'globalThis' },
    logLevel: 'warning',
});
for (const name of pages) {
    if (!existsSync(path.join(outdir, `${name}.js`))) throw new Error(`There is no bundle of the page ${name}.`);
}
writeFileSync(path.join(outdir, 'licenses.txt'), notices(result.metafile));
if (process.argv.includes('--sizes')) console.log(await esbuild.analyzeMetafile(result.metafile));
