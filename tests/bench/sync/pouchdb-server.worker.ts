/** PouchDB's gateway: INSTALLED and FOLDER, says its address. */
import { join } from 'node:path';
import { openLibrary } from './pouchdb-library.ts';

const [installed = '', folder = ''] = process.argv.slice(2);
const { PouchDB, serve } = openLibrary(installed, folder);
process.stdout.write(`${await serve(PouchDB, join(folder, 'log.txt'))}\n`);
