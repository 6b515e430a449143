/**
 * Values that have the form of secrets and are none. They are put together when a test runs, so that nobody's scanner
 * takes this file for a leak, and they are the same in every run.
 */

/** Nothing, between the halves of what a scanner looks for. */
export const glue: string = '';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
export const hex = `${digits}abcdef`;
export const alphanumeric = upper + lower + digits;
const base64 = `${alphanumeric}+/`;
export const base64url = `${alphanumeric}-_`;
const base32 = `${upper}234567`;
const special = `${alphanumeric}!#%*?^~`;

/** mulberry32: a small generator with a seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws from one stream: two sources of one seed give the same secrets. */
export class FakeSecrets {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = generator(seed);
  }

  text(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet[Math.floor(this.#next() * alphabet.length)]).join('');
  }

  base64Of(bytes: number): string {
    return Buffer.from(Array.from({ length: bytes }, () => Math.floor(this.#next() * 256))).toString(
      'base64',
    );
  }

  uuid(): string {
    return [8, 4, 4, 4, 12].map((length) => this.text(hex, length)).join('-');
  }

  jwt(): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return [
      part({ alg: 'HS256', typ: 'JWT' }),
      part({ sub: this.text(digits, 10), admin: true }),
      this.text(base64url, 43),
    ].join('.');
  }

  /** A key in PEM. `label` is what stands between BEGIN and PRIVATE KEY. */
  pem(label = ''): string {
    const head = `${label}${label === '' ? '' : ' '}PRIVATE KEY-----`;
    const lines = Array.from({ length: 6 }, () => this.text(base64, 64));
    return [`-----BEGIN ${head}`, ...lines, `-----END ${head}`, ''].join('\n');
  }

  /** One of each known form: its kind, and a text that has it. */
  formats(): readonly (readonly [kind: string, text: string])[] {
    const t = (alphabet: string, length: number) => this.text(alphabet, length);
    return [
      ['AWS access key', `AKI${glue}A${t(base32, 16)}`],
      ['AWS access key', `ASI${glue}A${t(base32, 16)}`],
      ['GitHub token', `gh${glue}p_${t(alphanumeric, 36)}`],
      ['GitHub token', `gh${glue}s_${t(alphanumeric, 36)}`],
      ['GitHub token', `github${glue}_pat_${t(alphanumeric, 22)}_${t(alphanumeric, 59)}`],
      ['GitLab token', `glp${glue}at-${t(base64url.slice(0, 62), 20)}`],
      ['GitLab token', `glr${glue}t-${t(alphanumeric, 20)}`],
      ['Slack token', `xox${glue}b-${t(digits, 12)}-${t(digits, 12)}-${t(alphanumeric, 24)}`],
      ['Slack token', `xap${glue}p-1-${t(upper + digits, 11)}-${t(digits, 13)}-${t(hex, 64)}`],
      ['Stripe key', `sk_${glue}live_${t(alphanumeric, 24)}`],
      ['Stripe key', `rk_${glue}live_${t(alphanumeric, 24)}`],
      ['Stripe webhook secret', `wh${glue}sec_${t(alphanumeric, 32)}`],
      ['Google API key', `AI${glue}za${t(base64url, 35)}`],
      ['Google OAuth client secret', `GOC${glue}SPX-${t(alphanumeric, 28)}`],
      ['Google OAuth token', `ya${glue}29.${t(base64url, 60)}`],
      ['npm token', `np${glue}m_${t(alphanumeric, 36)}`],
      ['PyPI token', `pyp${glue}i-AgEIcHlwaS5vcmc${t(base64url, 80)}`],
      ['RubyGems token', `ruby${glue}gems_${t(hex, 48)}`],
      ['SendGrid key', `S${glue}G.${t(alphanumeric, 22)}.${t(alphanumeric, 43)}`],
      ['Docker Hub token', `dckr${glue}_pat_${t(alphanumeric, 27)}`],
      ['Vault token', `hv${glue}s.${t(base64url, 90)}`],
      ['Terraform Cloud token', `${t(alphanumeric, 14)}.atlas${glue}v1.${t(alphanumeric, 67)}`],
      ['DigitalOcean token', `dop${glue}_v1_${t(hex, 64)}`],
      ['Hugging Face token', `h${glue}f_${t(alphanumeric, 34)}`],
      ['Anthropic key', `sk-${glue}ant-api03-${t(base64url.slice(0, 62), 93)}AA`],
      ['OpenAI key', `sk-${glue}proj-${t(alphanumeric, 48)}`],
      ['Grafana token', `gl${glue}sa_${t(alphanumeric, 32)}_${t(hex, 8)}`],
      ['Databricks token', `da${glue}pi${t(hex, 32)}`],
      ['Atlassian token', `ATA${glue}TT3xFf${t(alphanumeric, 180)}`],
      ['Shopify token', `shp${glue}at_${t(hex, 32)}`],
      ['New Relic key', `NR${glue}AK-${t(upper + digits, 27)}`],
      ['Linear key', `lin${glue}_api_${t(alphanumeric, 40)}`],
      ['Postman key', `PM${glue}AK-${t(hex, 24)}-${t(hex, 34)}`],
      ['Telegram bot token', `${t(digits, 10).replace(/^0/, '1')}:A${glue}A${t(alphanumeric, 33)}`],
      ['age private key', `AGE-SECRET${glue}-KEY-1${t('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)}`],
      ['JSON Web Token', this.jwt()],
      ['private key', this.pem()],
      ['private key', this.pem('RSA')],
      ['private key', this.pem('OPENSSH')],
      [
        'Azure storage key',
        `DefaultEndpointsProtocol=https;AccountName=shop;Account${glue}Key=${this.base64Of(64)};EndpointSuffix=core.windows.net`,
      ],
      [
        'signature in a URL',
        `https://shop.blob.core.windows.net/c?sv=2024-01-01&s${glue}ig=${t(alphanumeric, 43)}%3D`,
      ],
      [
        'webhook URL',
        `https://hooks.slack${glue}.com/services/T${t(upper + digits, 10)}/B${t(upper + digits, 10)}/${t(alphanumeric, 24)}`,
      ],
      ['password in a URL', `postgres://shop:${t(alphanumeric, 12)}@db.shop.svc:5432/shop`],
      [
        'password in a URL',
        `mongodb+srv://shop:${t(special.replaceAll(/[#?]/g, ''), 10)}@cluster0.mongodb.net`,
      ],
      ['password in a URL', `https://deploy:${t(alphanumeric, 20)}@git.example.com/shop.git`],
      ['password in a URL', `jdbc:mysql://db:3306/shop?user=shop&pass${glue}word=${t(alphanumeric, 12)}`],
      [
        'password in a connection string',
        `Server=tcp:db,1433;User ID=shop;Pass${glue}word=${t(alphanumeric, 14)};Encrypt=true`,
      ],
      [
        'password in a connection string',
        `host=db port=5432 user=shop pass${glue}word=${t(alphanumeric, 11)} dbname=shop`,
      ],
      ['password in a data source name', `shop:${t(alphanumeric, 14)}@tcp(db:3306)/shop`],
      ['authorization header', `Authorization: Bearer ${t(alphanumeric, 32)}`],
    ];
  }
}
