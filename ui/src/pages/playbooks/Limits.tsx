import Heading from '@splunk/react-ui/Heading';

import type { ChangeLimits, Playbooks } from '../../api/answers';
import { Code, Facts, Muted, Panel } from '../../components/layout';
import { Level } from '../../components/Level';
import { Failed } from '../../components/Told';
import { When } from '../../components/When';
import type { Live } from '../../live/useLive';

/** What limits all playbooks: modes, accounts, and how many changes were made within the last hour. */
export function Limits({ all, live: { data, failure, refresh } }: { all: Playbooks; live: Live<ChangeLimits> }) {
    return (
        <Panel aria-label="Limits">
            <Heading level={2}>Limits</Heading>
            <Facts>
                <dt>Default mode</dt>
                <dd>
                    <Code>{all.default_mode}</Code> <Muted>for alerts that choose none</Muted>
                </dd>
                <dt>Highest mode</dt>
                <dd>
                    <Code>{all.ceiling}</Code> <Muted>for all playbooks; set on the Safety tab</Muted>
                </dd>
                <dt>AWS accounts</dt>
                <dd>
                    {all.accounts.length === 0 && 'None yet. An administrator adds one under Configuration.'}
                    {all.accounts.map((account) => (
                        <div key={account.entry}>
                            <Code>{account.entry}</Code>: {account.accounts.join(', ') || 'accounts of an organization'},{' '}
                            {account.ceiling ? (
                                <>
                                    <Code>{account.ceiling}</Code> at most
                                </>
                            ) : (
                                'no limit of its own'
                            )}
                        </div>
                    ))}
                </dd>
                <dt>Changes in the last hour</dt>
                <dd>
                    {failure && (
                        <Failed what="Change limits" failure={failure} retry={refresh} isStale={data !== undefined} />
                    )}
                    {data?.limits.map((limit) => (
                        <div key={limit.scope}>
                            <Level
                                level={limit.state === 'stopped' ? 'red' : 'green'}
                                text={`${limit.used} of ${limit.limit}`}
                            />{' '}
                            {limit.what}
                            {typeof limit.since === 'number' && (
                                <>
                                    : stopped <When at={limit.since} />. {limit.reason}
                                </>
                            )}
                        </div>
                    ))}
                </dd>
            </Facts>
        </Panel>
    );
}
