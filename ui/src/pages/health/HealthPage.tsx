import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import RadioBar from '@splunk/react-ui/RadioBar';
import { useState } from 'react';

import type { Health } from '../../api/answers';
import { Failure, read } from '../../api/client';
import { Panel, Row, Spread, Stack } from '../../components/layout';
import { Title } from '../../components/Title';
import { Empty, Failed, Loading } from '../../components/Told';
import { When } from '../../components/When';
import { useAddress } from '../../live/useAddress';
import { useLive } from '../../live/useLive';
import { newest, summary } from './runs';
import { Checks } from './Checks';
import { Members } from './Members';

/** Whether the app works here, and what to do where it does not. Checks ask services outside: they run when asked. */
export function HealthPage() {
    const { data, failure, refresh } = useLive('health', {}, { every: 0 });
    const again = useAgain(data);
    const [isRunning, setRunning] = useState(false);
    const [address, go] = useAddress();
    const runAll = async (): Promise<void> => {
        setRunning(true);
        await refresh();
        setRunning(false);
    };
    const failed = again.failure ?? failure;
    const shown = data && newest(data, again.answers);
    const onlyProblems = address.get('show') === 'problems';
    const checks = shown?.checks.filter((run) => !onlyProblems || run.level !== 'green');
    return (
        <>
            <Spread>
                <Title part="health">Health</Title>
                {shown && (
                    <Row>
                        <span role="status">
                            {summary(shown.checks)}; run <When at={data.looked_at} />
                        </span>
                        <RadioBar
                            aria-label="Checks that are shown"
                            value={onlyProblems ? 'problems' : ''}
                            onChange={(_, { value }) => go({ show: String(value) })}
                        >
                            <RadioBar.Option value="" label="All" />
                            <RadioBar.Option value="problems" label="Problems" />
                        </RadioBar>
                        <Button
                            appearance="primary"
                            label={isRunning ? 'Running …' : 'Run all again'}
                            disabled={isRunning}
                            onClick={() => void runAll()}
                        />
                    </Row>
                )}
            </Spread>
            {failed && (
                <Failed what="Health" failure={failed} retry={again.failure ? again.retry : refresh} isStale={data !== undefined} />
            )}
            {!data && !failure && <Loading what="what the checks say; this takes up to half a minute" />}
            <Stack>
                {shown && <Members members={shown.members} />}
                {checks && checks.length > 0 && (
                    <Panel aria-label="Checks">
                        <Heading level={2}>Checks</Heading>
                        <Checks checks={checks} running={again.running} run={again.run} />
                    </Panel>
                )}
                {checks?.length === 0 && (
                    <Empty title="No check has found a problem">
                        <Button label="Show all checks" onClick={() => go({ show: '' })} />
                    </Empty>
                )}
            </Stack>
        </>
    );
}

interface Again {
    answers: Health[];
    running: string[];
    failure: Failure | undefined;
    run: (check: string) => Promise<void>;
    retry: () => Promise<void>;
}

/** Runs one check again. What it says counts until all are run again, which is when `all` changes. */
function useAgain(all: Health | undefined): Again {
    const [known, setKnown] = useState<{ of: Health | undefined; answers: Health[] }>({ of: all, answers: [] });
    const [running, setRunning] = useState<string[]>([]);
    const [failed, setFailed] = useState<{ check: string; failure: Failure } | undefined>(undefined);
    const run = async (check: string): Promise<void> => {
        setRunning((before) => [...before, check]);
        setFailed(undefined);
        try {
            const answer = await read('health', { checks: [check] });
            setKnown((before) => ({ of: all, answers: [...(before.of === all ? before.answers : []), answer] }));
        } catch (error) {
            setFailed({ check, failure: error instanceof Failure ? error : new Failure(String(error), 0) });
        } finally {
            setRunning((before) => before.filter((name) => name !== check));
        }
    };
    return {
        answers: known.of === all ? known.answers : [],
        running,
        failure: failed?.failure,
        run,
        retry: async () => {
            if (failed) await run(failed.check);
        },
    };
}
