import type { ImageScan } from '../../domain/scan-report.ts';
import type { TrivyReports } from './read-document.ts';

/** The same where somebody who knows says that the files of the command line were made without filters of severity and of what has no fix. */
export const unfiltered = (reports: TrivyReports): TrivyReports => ({
  ...reports,
  vulnerabilities: reports.vulnerabilities.map((scan) => {
    if (scan.file === undefined) return scan;
    const { unfixedMayBeHidden: _answered, ...rest } = scan;
    return askedForAll(rest);
  }),
  secrets: reports.secrets.map((scan) => askedForAll(scan)),
});

const askedForAll = <Scan extends ImageScan>(scan: Scan): Scan =>
  scan.file === undefined ? scan : { ...scan, file: { ...scan.file, unseen: [] } };
