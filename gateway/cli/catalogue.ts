/** `yichuang gateway catalogue add | list`: the packages by which the intake checks cases. */
import { Command } from 'commander';
import { readPackage } from '../catalogue/package.ts';
import type { StoreAddress } from '../store/address.ts';
import { print, storeOption, withStore } from './common.ts';

export function addCatalogueCommands(program: Command): void {
  const catalogue = new Command('catalogue').description(
    'the catalogue packages that terminals work by; none is ever deleted',
  );
  catalogue
    .command('add')
    .description(
      'keep a version under its content hash; adding it again changes nothing. From the first one on, the intake checks each case by the version that it names, and a case of a version that is not here waits in quarantine (no-catalogue) until it is added',
    )
    .argument('<path>', 'a folder with catalogue.json and templates, or a package as one file')
    .requiredOption(...storeOption)
    .action(async (path: string, given: { store: StoreAddress }) => {
      const opened = readPackage(path);
      if (!opened.ok) throw new Error(opened.error);
      const { version, bytes, content } = opened.value;
      const { region, sequence, date } = content;
      const added = await withStore(given.store, 'create', (store) =>
        store.addCatalogue({ version, region, sequence, date }, bytes, new Date()),
      );
      print({ version, region, sequence, date, bytes: bytes.length, added });
    });
  catalogue
    .command('list')
    .description('print every version, a JSON line each')
    .requiredOption(...storeOption)
    .action(async (given: { store: StoreAddress }) => {
      for (const one of await withStore(given.store, 'refuse', (store) => store.catalogues())) print(one);
    });
  program.addCommand(catalogue);
}
