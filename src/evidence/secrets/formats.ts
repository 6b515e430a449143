/** A kind of secret that can be told by its form alone. */
export interface SecretFormat {
  readonly kind: string;
  /** Where none of them occurs the expression need not be tried, which is nearly always. */
  readonly hints: readonly string[];
  /**
   * Begins at a place where a token can begin, and repeats one set of characters at a time: so it is linear, whatever
   * the text. Where there is a group `secret`, that is the part that must not be a placeholder.
   */
  readonly find: RegExp;
}

/** No letter, digit or `_` before it: what begins inside a word is tried once, and not at each of its letters. */
const begin = '(?<![A-Za-z0-9_])';
const end = '(?![A-Za-z0-9_])';

const token = (kind: string, hint: string | readonly string[], form: string): SecretFormat => ({
  kind,
  hints: typeof hint === 'string' ? [hint] : hint,
  find: new RegExp(`${begin}(?:${form})${end}`),
});

/** The forms are facts, as the issuers of the tokens document them. The first that fits gives its name. */
export const secretFormats: readonly SecretFormat[] = [
  {
    kind: 'private key',
    hints: ['PRIVATE KEY'],
    // The end of a line may be written out, as in JSON. The header alone, as in a search for it, is no key.
    find: /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|[A-Z][\w-]{0,20}: [^\n\\]{0,80}(?:\n|\\n)){0,8}(?<secret>[\w+/=]{16})/,
  },
  { kind: 'PuTTY private key', hints: ['PuTTY-User-Key'], find: /PuTTY-User-Key-File-[23]: / },
  token('age private key', 'AGE-SECRET-KEY-1', 'AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}'),
  token('AWS access key', ['AKIA', 'ASIA'], '(?:AKIA|ASIA)[A-Z2-7]{16}'),
  token('GitHub token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], 'gh[pousr]_[A-Za-z0-9]{36,251}'),
  token('GitHub token', 'github_pat_', 'github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}'),
  token(
    'GitLab token',
    ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glft-', 'glcbt-', 'glsoat-', 'glimt-', 'glagent-'],
    'gl(?:pat|dt|rt|ptt|ft|cbt|soat|imt|agent)-[\\w-]{20,300}(?:\\.[a-z0-9.]{2,40})?',
  ),
  token('Slack token', 'xox', 'xox[abeoprs]-[A-Za-z0-9-]{10,250}'),
  token('Slack token', 'xapp-', 'xapp-\\d-[A-Z0-9]{8,20}-\\d{8,20}-[a-f0-9]{32,128}'),
  token('Stripe key', ['k_live_', 'k_test_'], '[rs]k_(?:live|test)_[A-Za-z0-9]{16,247}'),
  token('Stripe webhook secret', 'whsec_', 'whsec_[A-Za-z0-9+/]{32,64}'),
  token('Google API key', 'AIza', 'AIza[\\w-]{35}'),
  token('Google OAuth client secret', 'GOCSPX-', 'GOCSPX-[\\w-]{28}'),
  token('Google OAuth token', 'ya29.', 'ya29\\.[\\w-]{30,2000}'),
  token('npm token', 'npm_', 'npm_[A-Za-z0-9]{36}'),
  token('PyPI token', 'pypi-', 'pypi-AgEI[\\w-]{50,1000}'),
  token('RubyGems token', 'rubygems_', 'rubygems_[a-f0-9]{48}'),
  token('SendGrid key', 'SG.', 'SG\\.[\\w-]{16,32}\\.[\\w-]{32,64}'),
  token('Docker Hub token', 'dckr_', 'dckr_(?:pat|oat)_[\\w-]{27,60}'),
  token('Vault token', ['hvs.', 'hvb.', 'hvr.'], 'hv[sbr]\\.[\\w-]{24,300}'),
  token('Terraform Cloud token', '.atlasv1.', '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{60,80}'),
  token('DigitalOcean token', '_v1_', 'do[opr]_v1_[a-f0-9]{64}'),
  token('Hugging Face token', 'hf_', 'hf_[A-Za-z0-9]{34,40}'),
  token('Anthropic key', 'sk-ant-', 'sk-ant-[a-z0-9]{3,12}-[\\w-]{60,200}'),
  token('OpenAI key', 'sk-', 'sk-(?:(?:proj|svcacct|admin)-[\\w-]{40,250}|[A-Za-z0-9]{48})'),
  token('Grafana token', 'glsa_', 'glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}'),
  token('Grafana token', 'glc_', 'glc_[A-Za-z0-9+/]{32,400}'),
  token('Databricks token', 'dapi', 'dapi[a-f0-9]{32}(?:-\\d)?'),
  token('Atlassian token', 'ATATT3', 'ATATT3[\\w=-]{50,250}'),
  token('Shopify token', 'shp', 'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}'),
  token('New Relic key', 'NRAK-', 'NRAK-[A-Z0-9]{27}'),
  token('Doppler token', 'dp.', 'dp\\.(?:pt|st|ct|sa)\\.[\\w.-]{40,64}'),
  token('Linear key', 'lin_api_', 'lin_api_[A-Za-z0-9]{40}'),
  token('Postman key', 'PMAK-', 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}'),
  token('Sentry token', 'sntrys_', 'sntrys_[\\w+/=-]{40,400}'),
  token('Telegram bot token', ':AA', '\\d{8,10}:AA[\\w-]{33}'),
  token('JSON Web Token', 'eyJ', 'eyJ[\\w-]{8,4000}\\.eyJ[\\w-]{8,8000}\\.[\\w-]{16,1500}'),
  {
    kind: 'Azure storage key',
    hints: ['AccountKey=', 'SharedAccessKey='],
    find: /(?:AccountKey|SharedAccessKey)=(?<secret>[A-Za-z0-9+/]{40,88}={0,2})/,
  },
  {
    kind: 'signature in a URL',
    hints: ['sig='],
    find: /[?&;]sig=(?<secret>[A-Za-z0-9+/%]{40,100})/,
  },
  {
    kind: 'webhook URL',
    hints: ['hooks.slack.com/', '/api/webhooks/', '.webhook.office.com/'],
    find: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Z0-9]{8,12}\/[A-Z0-9]{8,16}\/(?<secret>[\w/]{20,80})|discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[\w-]{60,80}|\.webhook\.office\.com\/webhookb2\/[\w@/-]{60,250}/,
  },
  {
    kind: 'password in a URL',
    hints: ['://'],
    find: /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/[^\s:/@?#"'`,]{0,100}:(?<secret>[^\s/@"'`]{1,300})@/,
  },
  {
    kind: 'password in a URL',
    hints: ['assword=', 'asswd=', 'wd='],
    find: /[?&](?:[Pp]assword|[Pp]asswd|[Pp]wd)=(?<secret>[^\s&"'#;]{1,300})/,
  },
  // ADO.NET with semicolons, libpq with spaces.
  {
    kind: 'password in a connection string',
    hints: ['assword', 'wd', 'ASSWORD', 'WD'],
    find: /(?<![\w-])(?:server|data source|host|hostaddr|user id|uid|user|username|dbname|database|initial catalog)\s{0,3}=[^;\n]{1,200}?[;\s]\s{0,3}(?:password|pwd)\s{0,3}=\s{0,3}(?<secret>[^;\s"']{1,200})/i,
  },
  // Go's MySQL driver has no scheme.
  {
    kind: 'password in a data source name',
    hints: ['@tcp(', '@unix('],
    find: /(?<![\w.-])[\w.-]{1,64}:(?<secret>[^\s@]{1,200})@(?:tcp|unix)\(/,
  },
  {
    kind: 'authorization header',
    hints: ['uthorization'],
    find: /(?<![A-Za-z])[Aa]uthorization["']?(?:\s{0,4}[:=]\s{0,4}["']?|\s{0,4},?\s{0,4}["'])(?:[Bb]earer|[Bb]asic|[Tt]oken)\s{1,4}(?<secret>[\w+/=.~-]{4,4000})/,
  },
];

/** Finds any hint of any form. Most texts have none, and asking once costs less than asking seventy times. */
export const anyHint = new RegExp(
  [...new Set(secretFormats.flatMap(({ hints }) => hints))]
    .map((hint) => hint.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('|'),
);
