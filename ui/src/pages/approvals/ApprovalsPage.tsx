import Link from '@splunk/react-ui/Link';
import Message from '@splunk/react-ui/Message';
import { useCallback, useState } from 'react';

import type { WaitingApproval } from '../../api/answers';
import { DecisionDialog, type Opened } from '../../components/decisions';
import { Code, Muted, Panel, Row, Spread, Stack } from '../../components/layout';
import { Notice } from '../../components/Notice';
import { NOTHING_SAID, type Said } from '../../components/outcomes';
import { RemediationView } from '../../components/RemediationView';
import { Severity } from '../../components/Severity';
import { Title } from '../../components/Title';
import { Empty, Failed, Loading } from '../../components/Told';
import { useLive } from '../../live/useLive';

/** What waits for whoever looks at it, what ends first at the top. */
export function ApprovalsPage() {
    const { data, failure, refresh } = useLive('approvals', {});
    const [opened, setOpened] = useState<Opened | undefined>(undefined);
    const [said, say] = useState(NOTHING_SAID);
    const done = useCallback(
        (what: Said) => {
            say(what);
            void refresh();
        },
        [refresh]
    );
    return (
        <>
            <Spread>
                <Title part="approvals">Approvals</Title>
            </Spread>
            <Notice {...said} dismiss={() => say(NOTHING_SAID)} />
            {failure && <Failed what="Approvals" failure={failure} retry={refresh} isStale={data !== undefined} />}
            {!data && !failure && <Loading what="approvals" />}
            {data?.kill_switch && (
                <div style={{ marginBottom: 16 }}>
                    <Message appearance="fill" type="warning">
                        The kill switch is on: nothing is changed in AWS, even after an approval. An administrator can allow
                        changes again on the page <Link to="playbooks">Playbooks</Link>.
                    </Message>
                </div>
            )}
            {data?.approvals.length === 0 && (
                <Empty title="Nothing waits for an approval">
                    <p>
                        Remediations in mode <Code>approve</Code> appear here with their plan, until somebody answers or
                        their time is over.
                    </p>
                    <p>
                        <Link to="cases">Look at all cases</Link>
                    </p>
                </Empty>
            )}
            <Stack style={{ maxWidth: 1400 }}>
                {data?.approvals.map((row) => (
                    <Waiting key={row.remediation.task} row={row} open={setOpened} />
                ))}
            </Stack>
            {data && data.more > 0 && <p>{data.more} more wait; they appear when these are answered.</p>}
            <DecisionDialog opened={opened} close={() => setOpened(undefined)} done={done} />
        </>
    );
}

function Waiting({ row, open }: { row: WaitingApproval; open: (opened: Opened) => void }) {
    return (
        <Panel aria-label={`${row.signature}, ${row.resource}`}>
            <Row style={{ marginBottom: 12 }}>
                <Severity level={row.severity} />
                <Link to={`cases?case=${row.case}`}>{row.signature || 'Case'}</Link>
                <Muted>
                    {[row.actor && `by ${row.actor}`, row.account && `in ${row.account}`].filter(Boolean).join(' ')}
                </Muted>
            </Row>
            <RemediationView remediation={row.remediation} open={open} level={2} />
        </Panel>
    );
}
