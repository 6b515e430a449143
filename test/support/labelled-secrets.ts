import { alphanumeric, base64url, FakeSecrets, hex } from './fake-secrets.ts';

/**
 * Names and values as they stand in manifests, each with what it is: `secret` is to be found, `weak` is a placeholder or a
 * default password, which is to be warned of, `harmless` is to be left alone. Written for this test; the secrets are drawn by a generator.
 */
export interface Labelled {
  readonly name: string;
  readonly value: string;
  readonly label: 'secret' | 'weak' | 'harmless';
}

const draw = new FakeSecrets(20_260_101);

/** Passwords as people make them up. */
const memorable =
  'hunter2 S3cr3tP@ssw0rd Winter2025! letmein correct-horse-battery-staple P@55w0rd qwertz123 Tr0ub4dor&3 kaffeekanne ilovek8s Admin123! sup3rs3cret my_db_passw0rd opensesame Zx81!spectrum'.split(
    ' ',
  );
const passwordNames =
  'DB_PASSWORD POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD PGPASSWORD REDIS_PASSWORD SMTP_PASSWORD spring.datasource.password adminPassword RABBITMQ_DEFAULT_PASSWD MYSQL_PWD LDAP_BIND_PASSWORD KEYSTORE_PASSWORD ELASTIC_PASSWORD GF_SECURITY_ADMIN_PASSWORD MINIO_ROOT_PASSWORD'.split(
    ' ',
  );
const keyNames =
  'API_KEY STRIPE_API_KEY JWT_SECRET SESSION_SECRET SECRET_KEY DJANGO_SECRET_KEY SECRET_KEY_BASE CLIENT_SECRET OAUTH2_CLIENT_SECRET AWS_SECRET_ACCESS_KEY ENCRYPTION_KEY AUTH_TOKEN GITHUB_TOKEN accessToken webhookSecret SIGNING_SECRET COOKIE_SECRET DATADOG_API_KEY VAULT_TOKEN SLACK_SIGNING_SECRET NEXTAUTH_SECRET INTERNAL_API_TOKEN privateKey REFRESH_TOKEN APP_SECRET'.split(
    ' ',
  );

const random: readonly ((name: string) => string)[] = [
  () => draw.text(alphanumeric, 32),
  () => draw.text(hex, 64),
  () => draw.base64Of(32),
  () => draw.text(base64url, 40),
  () => draw.text(alphanumeric, 20),
  () => draw.text(hex, 32),
  () => draw.uuid(),
  () => draw.text(`${alphanumeric}!%*?^~`, 24),
];

const secrets: Labelled[] = [
  ...passwordNames.map((name, at): Labelled => ({ name, value: memorable[at] ?? '', label: 'secret' })),
  ...passwordNames.map((name, at): Labelled => ({
    name,
    value: random[at % random.length]?.(name) ?? '',
    label: 'secret',
  })),
  ...keyNames.map((name, at): Labelled => ({
    name,
    value: random[at % random.length]?.(name) ?? '',
    label: 'secret',
  })),
  ...keyNames.map((name, at): Labelled => ({
    name,
    value: random[(at + 3) % random.length]?.(name) ?? '',
    label: 'secret',
  })),
  // Known forms under names that say nothing.
  ...draw.formats().map(([, value], at): Labelled => ({ name: `SETTING_${at}`, value, label: 'secret' })),
  ...draw.formats().map(([, value]): Labelled => ({ name: 'BACKEND_URL', value, label: 'secret' })),
  // Random under names that say nothing.
  ...['SALT', 'LICENSE', 'PEPPER', 'MASTER', 'AUTH', 'PASS', 'DB_PASS', 'SEED', 'HMAC', 'SA_KEY'].map(
    (name, at): Labelled => ({
      name,
      value: random[[0, 2, 3, 4][at % 4] ?? 0]?.(name) ?? '',
      label: 'secret',
    }),
  ),
  // These are hard, and some of them are missed.
  { name: 'DB_PASS', value: 'hunter2', label: 'secret' },
  { name: 'REDIS_AUTH', value: 'opensesame', label: 'secret' },
  { name: 'ADMIN_PASSWORD', value: '20250712', label: 'secret' },
  { name: 'PIN', value: '4711', label: 'secret' },
  { name: 'SMTP_AUTH', value: `mailer:${draw.text(alphanumeric, 12)}`, label: 'secret' },
  {
    name: 'BASIC_AUTH',
    value: Buffer.from(`shop:${draw.text(alphanumeric, 12)}`).toString('base64'),
    label: 'secret',
  },
];

const weak: Labelled[] = [
  ['DB_PASSWORD', 'changeme'],
  ['POSTGRES_PASSWORD', 'change-me'],
  ['ADMIN_PASSWORD', 'CHANGE_ME'],
  ['API_TOKEN', 'xxxxxxxxxxxxxxxx'],
  ['API_TOKEN', '<your-token>'],
  ['JWT_SECRET', 'example'],
  ['SESSION_SECRET', 'dummy'],
  ['CLIENT_SECRET', 'example-secret'],
  ['dbPassword', '"changeme"'],
  ['PASSWORD', 'dummy-password'],
].map(([name = '', value = '']) => ({ name, value, label: 'weak' }));

const harmless: Labelled[] = `
LOG_LEVEL=info
LOG_FORMAT=json
NODE_ENV=production
SPRING_PROFILES_ACTIVE=kubernetes,production
PORT=8080
METRICS_PORT=9090
TIMEOUT=30s
MEMORY_LIMIT=512Mi
CPU_SHARES=1.5
GOGC=50%
FEATURE_NEW_CHECKOUT=true
DEBUG=off
TZ=Europe/Stockholm
LANG=en_US.UTF-8
LC_ALL=C.UTF-8
REPLICAS=3
RELEASE=v1.24.3
APP_VERSION=2.14.0-rc.1+build.77
CHART_VERSION=0.12.1
BUILD_DATE=2025-11-03T08:15:00Z
SCHEDULE=*/5 * * * *
RETRY_BACKOFF=100ms,200ms,400ms
HOSTNAME_OVERRIDE=worker-7f9c
DB_HOST=postgres.shop.svc.cluster.local
DB_PORT=5432
DB_NAME=shop
DB_USER=shop_app
DATABASE_URL=postgres://db.shop.svc:5432/shop
REDIS_URL=redis://redis-master:6379/0
KAFKA_BROKERS=kafka-0.kafka:9092,kafka-1.kafka:9092,kafka-2.kafka:9092
KEYCLOAK_URL=https://keycloak.example.com/auth/realms/shop
OIDC_ISSUER=https://login.example.com/
JWT_ISSUER=https://login.example.com/
JWKS_URI=https://login.example.com/.well-known/jwks.json
TOKEN_ENDPOINT=https://login.example.com/oauth2/token
TOKEN_URL=https://login.example.com/oauth2/token
WEBHOOK_URL=https://hooks.example.com/deploy
TOKENIZER=cl100k_base
TOKENIZERS_PARALLELISM=false
MAX_TOKENS=4096
TOKEN_TTL=3600
TOKEN_EXPIRY=15m
TOKEN_HEADER=X-Auth-Token
AUTH_HEADER_NAME=X-Auth-Token
JWT_ALGORITHM=RS256
JWT_AUDIENCE=shop-frontend
SIGNING_ALGORITHM=HMAC-SHA256
SIGNING_ENABLED=true
ENCRYPTION_KEY_ROTATION=daily
ENCRYPTION_KEY_ID=alias/shop-production
PASSWORD_MIN_LENGTH=12
PASSWORD_POLICY=strict
PASSWORD_HASHER=argon2id
PASSWORD_RESET_URL=https://shop.example.com/reset
PASSWORD_FILE=/run/secrets/db-password
POSTGRES_PASSWORD_FILE=/run/secrets/postgres/password
DB_PASSWORD=$(POSTGRES_PASSWORD)
DB_PASSWORD=\${POSTGRES_PASSWORD}
DB_PASSWORD=\${POSTGRES_PASSWORD:-unset}
DB_PASSWORD={{ .Values.database.password }}
DB_PASSWORD=vault:secret/data/shop#password
DB_PASSWORD=$DATABASE_PASSWORD
API_TOKEN=%(token)s
DATABASE_URL=postgres://shop:$(DB_PASSWORD)@db:5432/shop
DATABASE_URL=postgres://shop:\${DB_PASSWORD}@db:5432/shop
DATABASE_URL=postgres://shop:***@db:5432/shop
SECRET_NAME=shop-database
SECRET_STORE=vault-backend
SECRET_BACKEND=vault
SECRETS_PROVIDER=azure
IMAGE_PULL_SECRET_NAME=registry-credentials
TLS_SECRET_NAME=shop-example-com-tls
CREDENTIALS_PATH=/var/run/credentials
AWS_SHARED_CREDENTIALS_FILE=/root/.aws/credentials
GOOGLE_APPLICATION_CREDENTIALS=/var/secrets/google/key.json
AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token
AWS_ROLE_ARN=arn:aws:iam::123456789012:role/shop-production-app
AWS_REGION=eu-north-1
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
AZURE_CLIENT_ID=0b2c8f6e-3a1d-4c57-9e88-5d1f0a7b6c34
AZURE_TENANT_ID=6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
CLIENT_ID=shop-frontend
OAUTH_CLIENT_ID=123456789012-abcdefghijklmnopqrstuvwx.apps.googleusercontent.com
STRIPE_PUBLISHABLE_KEY=pk_live_51HabcDEFghiJKLmnoPQR
SSH_PUBLIC_KEY=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7f0Pq2kX9 deploy@example.com
COSIGN_PUBLIC_KEY=-----BEGIN PUBLIC KEY-----
CA_CERT=-----BEGIN CERTIFICATE-----
CA_BUNDLE=LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURCVENDQWUyZ0F3SUJBZ0lJ
GIT_COMMIT=da39a3ee5e6b4b0d3255bfef95601890afd80709
GIT_SHA=9f86d08
CHECKSUM=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
IMAGE_DIGEST=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
IMAGE=registry.example.com/shop/api:2.14.0@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
SIDECAR_IMAGE=gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.8.0
DEPLOYMENT_ID=f47ac10b-58cc-4372-a567-0e02b2c3d479
NAMESPACE_UID=550e8400-e29b-41d4-a716-446655440000
INSTANCE_CONNECTION_NAME=shop-prod:europe-north1:orders
BUCKET=s3://shop-production-media-eu-north-1
QUEUE_URL=https://sqs.eu-north-1.amazonaws.com/123456789012/orders
SENTRY_DSN=https://0123456789abcdef0123456789abcdef@sentry.example.com/42
GA_MEASUREMENT=G-1A2B3C4D5E
EMAIL_FROM=no-reply@shop.example.com
ALLOWED_HOSTS=shop.example.com,www.shop.example.com
CORS_ORIGINS=https://shop.example.com,https://admin.example.com
TRUSTED_PROXIES=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16
POD_CIDR=fd00:10:244::/56
DNS=10.96.0.10
JAVA_OPTS=-Xmx512m -XX:+UseG1GC -XX:MaxRAMPercentage=75.0 -Dfile.encoding=UTF-8
JAVA_TOOL_OPTIONS=-javaagent:/otel/opentelemetry-javaagent.jar
OTEL_RESOURCE_ATTRIBUTES=service.name=shop,service.namespace=production,deployment.environment=prod
OTEL_EXPORTER_OTLP_ENDPOINT=http://otel-collector.observability:4317
PYTHONPATH=/app/src:/app/lib
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CONFIG=/etc/shop/config.yaml
TEMPLATE=templates/mail/welcome.html
MAIN_CLASS=com.example.shop.orders.OrderServiceApplication
DRIVER=org.postgresql.Driver
DIALECT=org.hibernate.dialect.PostgreSQL10Dialect
THEME=material-design-light-2
BRAND=The Example Web Shop AB
DESCRIPTION=Collects orders and writes them to the ledger
MONKEY=banana
KEYBOARD_LAYOUT=qwerty
KEY_PREFIX=shop:orders:
CACHE_KEY=orders-by-customer
PRIMARY_KEY=order_id
SORT_KEY=created_at
PARTITION_KEY=customer_id
ROUTING_KEY=orders.created
COMPASS=north
BYPASS_CACHE=1
ENCODING=base64
CIPHER=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
CIPHERS=ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384
TLS_MIN_VERSION=VersionTLS12
ACCEPT=application/json;charset=utf-8
USER_AGENT=Mozilla/5.0 (X11; Linux x86_64)
REGEX=^[a-z0-9]([-a-z0-9]*[a-z0-9])?$
QUERY=SELECT id FROM orders WHERE state='open'
PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
KUBERNETES_SERVICE_HOST=10.96.0.1
KUBERNETES_PORT=tcp://10.96.0.1:443
POD_TEMPLATE_HASH=7d9c5b8f4
NODE_OPTIONS=--max-old-space-size=1024 --enable-source-maps
LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2
ALGORITHM=aes-256-cbc
COUNTRY_CODES=SE,NO,DK,FI
CURRENCY=SEK
LEADER_ELECTION_ID=shop-operator.example.com
FIELD_MANAGER=shop-controller-manager
DASHBOARD_UID=kubernetes-compute-resources-namespace-pods
SPRING_DATASOURCE_DRIVER_CLASS_NAME=org.postgresql.Driver
SPRING_JPA_HIBERNATE_DDL_AUTO=validate
ADMIN_PASSWORD_HASH=$2b$12$abcdefghijklmnopqrstuuNnO0pQrStUvWxYzAbCdEfGhIjKlMnOp
SPRING_CLOUD_PASSWORD={cipher}AQBq8mZ0Yt3vWc7Kp1LxNf5RjHs9Dg2Eu6Ib4Oa
SOPS_PASSWORD=ENC[AES256_GCM,data:9f8e7d6c5b4a,iv:AbCdEf,tag:GhIjKl,type:str]
ACCOUNT=123456789012
PROJECT=shop-production-4f2a
CLUSTER=aks-shop-prod-westeurope-01
STORAGE_ACCOUNT=shopprodmedia01
KEY_VAULT_NAME=kv-shop-prod-weu-01
TENANT=contoso.onmicrosoft.com
RUNBOOK=https://wiki.example.com/display/OPS/Shop+Runbook
LICENSE_SERVER=27000@license.example.com
FLAGS=--v=2 --logtostderr=true
SHARD=orders-2025-q4-shard-0007
TRACE_ID_HEADER=x-b3-traceid
CSRF_COOKIE_NAME=csrftoken
SESSION_COOKIE_SECURE=true
BEARER_METHODS=header
TOKEN_TYPE=bearer
CREDENTIAL_TYPE=managedIdentity
API_KEY_HEADER=X-API-Key
API_KEY_LOCATION=header
ACCESS_KEY_ROTATION_DAYS=90
WEBHOOK_URL_PATH=/hooks/deploy
PRIVATE_KEY_PATH=/etc/ssl/private/tls.key
CONNECTION_STRING_NAME=ShopDatabase
`
  .trim()
  .split('\n')
  .map((line) => ({
    name: line.slice(0, line.indexOf('=')),
    value: line.slice(line.indexOf('=') + 1),
    label: 'harmless',
  }));

/** A certificate has its lines, which the list above cannot hold. */
const files: Labelled[] = [
  {
    name: 'TLS_CERT',
    value: `-----BEGIN CERTIFICATE-----\n${draw.base64Of(48)}\n-----END CERTIFICATE-----\n`,
    label: 'harmless',
  },
  {
    name: 'NGINX_CONF',
    value: 'server {\n  listen 8080;\n  location / { proxy_pass http://api:8080; }\n}\n',
    label: 'harmless',
  },
  { name: 'LOGGING', value: 'level: info\nformat: json\ntoken_ttl: 3600\n', label: 'harmless' },
  { name: 'SETTINGS', value: `level: info\npassword: ${draw.text(alphanumeric, 20)}\n`, label: 'secret' },
  {
    name: 'ENV_FILE',
    value: `PORT=8080\nexport API_TOKEN="${draw.text(alphanumeric, 30)}"\n`,
    label: 'secret',
  },
  {
    name: 'SERVICE_ACCOUNT',
    value: JSON.stringify({ type: 'service_account', private_key: draw.pem() }),
    label: 'secret',
  },
];

const mixed = () => draw.text(alphanumeric, 15);

/** References, and what stands beside them. */
const beside: Labelled[] = [
  { name: 'DB_PASSWORD', value: `\${DB}-${mixed()}`, label: 'secret' },
  { name: 'API_TOKEN', value: `$(PREFIX)${mixed()}`, label: 'secret' },
  { name: 'CLIENT_SECRET', value: `${mixed()}{{${mixed()}`, label: 'secret' },
  { name: 'SESSION_SECRET', value: `\`${mixed()}`, label: 'secret' },
  { name: 'SIGNING_SECRET', value: `\${SIGNING_SECRET:-${mixed()}}`, label: 'secret' },
  { name: 'DB_PASSWORD', value: '$(DB_PASSWORD)', label: 'harmless' },
  { name: 'DB_PASSWORD', value: '${DB_PASSWORD:-${OTHER}}', label: 'harmless' },
  { name: 'TLS_SECRET', value: '${APP}-tls-secret', label: 'harmless' },
  { name: 'DSN', value: '$(DB_USER):$(DB_PASSWORD)@tcp(db-0:3306)/shop', label: 'harmless' },
  {
    name: 'CONNECTION_STRING',
    value: 'host=$(DB_HOST) port=5432 user=shop password=$(DB_PASSWORD)',
    label: 'harmless',
  },
  { name: 'API_TOKEN', value: '{{ with secret "kv/shop" }}{{ .Data.token }}{{ end }}', label: 'harmless' },
  { name: 'API_TOKEN', value: '<%= ENV["API_TOKEN"] %>', label: 'harmless' },
  { name: 'API_TOKEN', value: '`cat /run/secrets/token`', label: 'harmless' },
];

/** A setting that has its line for itself, in a file. */
const setting = (label: Labelled['label'], line: string): Labelled => ({
  name: 'SETTINGS',
  value: `level: info\n${line}\n`,
  label,
});
const lines: Labelled[] = [
  ...['&', ',', ';', '|', '<', '>', '(', ')', '[', ']', '{', '}', '\\', '"'].flatMap((sign) => [
    setting('secret', `password: 1${sign}Kd${mixed()}`),
    setting('secret', `  - db.password=Tr0ub4dor${sign}3xyz${mixed()}`),
  ]),
  setting('secret', `proxy_set_header Authorization "Bearer ${draw.text(alphanumeric, 20)}";`),
  setting('secret', `headers.set('Authorization', 'Basic ${draw.base64Of(15)}')`),
  setting('harmless', 'proxy_set_header Authorization "Bearer $token";'),
  setting('harmless', "headers.set('Authorization', 'Bearer ' + token)"),
  {
    name: 'REGISTRY',
    value: JSON.stringify({ auths: { 'cr.example': { auth: btoa(`shop:${mixed()}`) } } }),
    label: 'secret',
  },
  { name: 'SETTINGS', value: JSON.stringify({ db: { password: `1,${mixed()}` } }), label: 'secret' },
  { name: 'SETTINGS', value: JSON.stringify({ db: { password: '${DB_PASSWORD}' } }), label: 'harmless' },
  setting('secret', `{"password": "a\\"b'${mixed()}"}`),
  setting('secret', `path="C:\\temp\\" password="${mixed()}1"`),
  setting('harmless', 'run --token=${TOKEN:?} --password="$DB_PASSWORD"'),
  setting('harmless', 'run --password=`cat /run/secrets/p`'),
  { name: 'DB_PASSWORD', value: `$$(${mixed()}1)`, label: 'secret' },
  setting('secret', `# password: 7&${mixed()}`),
  setting('secret', `export DB_PASSWORD=7&${mixed()}`),
  setting('secret', `password: 7&${mixed()},`),
  setting('secret', `password: \${PREFIX}${mixed()}`),
  setting('harmless', 'token_ports: 80,443'),
  setting('harmless', 'password = os.environ["DB_PASSWORD_1"]'),
  setting('harmless', 'password=$1;shift'),
  setting('harmless', 'password=${1};export password'),
  setting('harmless', 'secret=$(cat /run/secrets/a1b2 | base64 -d)'),
  setting('harmless', 'token={{ .Values.a1b2c3d4e5f6 }}'),
  setting('harmless', 'callback=/login?next=a1&token={{ .Token }}'),
];

export const labelled: readonly Labelled[] = [
  ...secrets,
  ...weak,
  ...harmless,
  ...files,
  ...beside,
  ...lines,
];
