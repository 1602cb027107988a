import Button from '@splunk/react-ui/Button';
import ControlGroup from '@splunk/react-ui/ControlGroup';
import Link from '@splunk/react-ui/Link';
import Select from '@splunk/react-ui/Select';
import Text from '@splunk/react-ui/Text';
import { useState } from 'react';

import type { PipelineText, Start } from '../../api/answers';
import { act, study } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { Diff } from '../../components/Diff';
import { Code, Row, Stack } from '../../components/layout';
import { Working } from './Working';

type Verb = 'plan' | 'apply' | 'verify' | 'teardown';
interface Shown {
    verb: Verb;
    lines: string[];
}

/** The trail, bucket, topic and queue that bring CloudTrail to Splunk: planned first, then made by the app. */
export function Pipeline({ start }: { start: Start }) {
    const accounts = start.accounts.flatMap((entry) => entry.accounts);
    const [chosen, setAccount] = useState('');
    const [region, setRegion] = useState('');
    const [shown, setShown] = useState<Shown | undefined>(undefined);
    const [asks, setAsks] = useState<{ verb: Verb; opener: HTMLElement } | undefined>(undefined);
    const account = accounts.includes(chosen) ? chosen : (accounts[0] ?? '');
    if (accounts.length === 0) return <p>Add an account first. If CloudTrail is found already, you need nothing here.</p>;

    const ask = async (verb: Verb): Promise<Shown> => {
        const body = { account, action: verb, ...(region.trim() ? { region: region.trim() } : {}) };
        const changes = verb === 'apply' || verb === 'teardown';
        const answer = (await (changes ? act : study)('pipeline', body)) as PipelineText;
        const found = { verb, lines: [...answer.text] };
        setShown(found);
        return found;
    };
    const look = (verb: Verb) => async (): Promise<string> => `${SAID[verb]} ${(await ask(verb)).lines.at(-1) ?? ''}`;
    return (
        <Stack>
            <p>
                If CloudTrail is not in Splunk yet, the app can create a trail, a bucket, a topic and a queue. It first shows
                what it would create and what that costs, adopts what exists, and later removes only what it has created.
            </p>
            <Row>
                <Select prefixLabel="Account" value={account} onChange={(_, { value }) => setAccount(String(value))}>
                    {accounts.map((one) => (
                        <Select.Option key={one} value={one} label={one} />
                    ))}
                </Select>
                <ControlGroup label="Region" labelPosition="left" style={{ margin: 0 }}>
                    <Text
                        placeholder="default of the entry"
                        value={region}
                        onChange={(_, { value }) => {
                            setRegion(value);
                            setShown(undefined);
                        }}
                        style={{ width: 170 }}
                    />
                </ControlGroup>
            </Row>
            <Working label="Plan" busy="Reading AWS …" run={look('plan')}>
                <Button
                    label="Apply the plan"
                    disabled={shown?.verb !== 'plan'}
                    onClick={(event) => setAsks({ verb: 'apply', opener: event.currentTarget as HTMLElement })}
                />
            </Working>
            <Working label="Verify" busy="Verifying …" run={look('verify')}>
                <Button
                    appearance="destructive"
                    label="Tear down"
                    onClick={(event) => setAsks({ verb: 'teardown', opener: event.currentTarget as HTMLElement })}
                />
            </Working>
            {shown && <Lines shown={shown} />}
            {asks && (
                <Confirm
                    title={asks.verb === 'apply' ? 'Apply the plan' : 'Tear the pipeline down'}
                    verb={asks.verb === 'apply' ? 'Apply' : 'Tear down'}
                    isDangerous={asks.verb === 'teardown'}
                    opener={asks.opener}
                    close={() => setAsks(undefined)}
                    run={async () => {
                        await ask(asks.verb);
                    }}
                >
                    {asks.verb === 'apply' ? (
                        <>
                            <p>
                                This is created in account <Code>{account}</Code>. It takes about a minute. If it is interrupted, apply
                                again, and it continues.
                            </p>
                            {shown && <Diff lines={shown.lines.filter((line) => line.trim() !== '')} />}
                        </>
                    ) : (
                        <p>
                            What the app has created in account <Code>{account}</Code> is removed. The bucket and its files stay; so does
                            what was there before. After that, CloudTrail no longer reaches Splunk this way.
                        </p>
                    )}
                </Confirm>
            )}
        </Stack>
    );
}

const SAID: Record<Verb, string> = { plan: 'Planned.', apply: 'Applied.', verify: 'Verified.', teardown: 'Removed.' };

function Lines({ shown }: { shown: Shown }) {
    return (
        <section aria-label={SAID[shown.verb]}>
            <Diff lines={shown.lines.filter((line) => line.trim() !== '')} />
            {shown.verb === 'apply' && (
                <p>
                    Now add an input <em>CloudTrail</em> for the queue on the page <Link to="inputs">Inputs</Link>, or use the Splunk
                    Add-on for AWS. Then verify.
                </p>
            )}
        </section>
    );
}
