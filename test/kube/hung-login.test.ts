import type { User } from '@kubernetes/client-node';
import { expect } from 'chai';
import { whatHangs } from '../../src/kube/hung-login.ts';

const users: Record<string, { user: Partial<User> | null; says: string }> = {
  'an exec plugin': {
    user: { exec: { command: 'aws', args: ['eks'] } },
    says: 'the plugin "aws" has not answered for 12 s; run it by hand to see what it waits for, and end the one that hangs',
  },
  'an exec plugin in the old place': {
    user: { authProvider: { name: 'exec', config: { exec: { command: 'old' } } } },
    says: 'the plugin "old" has not answered for 12 s; run it by hand to see what it waits for, and end the one that hangs',
  },
  'the command of a cloud': {
    user: { authProvider: { name: 'gcp', config: { 'cmd-path': '/bin/gcloud' } } },
    says: 'the plugin "/bin/gcloud" has not answered for 12 s; run it by hand to see what it waits for, and end the one that hangs',
  },
  OIDC: {
    user: { authProvider: { name: 'oidc', config: { 'idp-issuer-url': 'https://login.example' } } },
    says: 'the identity provider https://login.example has not answered for 12 s; see whether it can be reached from here',
  },
  'something else': {
    user: { authProvider: { name: 'azure', config: {} } },
    says: 'its provider ("azure") has not answered for 12 s',
  },
};

describe('credentials that do not come: what is said of', () => {
  for (const [title, { user, says }] of Object.entries(users))
    it(title, () => expect(whatHangs(user as User, 12_345)).to.equal(says));
});
