import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Select from '@splunk/react-ui/Select';
import Table from '@splunk/react-ui/Table';
import { useEffect, useRef, useState } from 'react';

import type { DetectionDetail } from '../../api/answers';
import { Failure } from '../../api/client';
import { search } from '../../api/search';
import { Code, Muted, Panel, Row, Spread } from '../../components/layout';
import { Severity } from '../../components/Severity';
import { Failed } from '../../components/Told';
import { When } from '../../components/When';
import { counted } from './rows';

/** Findings that are listed. */
const LISTED = 20;
const SHAPED =
    '| eventstats count AS findings dc(dedup_key) AS cases\n' +
    `| sort ${LISTED} - last_time\n` +
    '| table findings cases severity last_time user vendor_account object_id reason';

type Answer = Record<string, string>[];

/** What it would have raised, by a search with the rights of whoever looks; nothing is recorded or sent. */
export function TrialPanel({ data }: { data: DetectionDetail }) {
    const [days, setDays] = useState('7');
    const [answer, setAnswer] = useState<{ days: string; rows: Answer } | undefined>(undefined);
    const [failure, setFailure] = useState<Failure | undefined>(undefined);
    const [progress, setProgress] = useState<number | undefined>(undefined);
    const controller = useRef<AbortController | undefined>(undefined);
    useEffect(() => () => controller.current?.abort(), []);
    const run = async (): Promise<void> => {
        const mine = new AbortController();
        controller.current = mine;
        setFailure(undefined);
        setProgress(0);
        try {
            const { rows } = await search(`${data.trial}\n${SHAPED}`, Number(days), LISTED, mine.signal, setProgress);
            setAnswer({ days, rows });
        } catch (error) {
            if (!mine.signal.aborted) setFailure(error instanceof Failure ? error : new Failure(String(error), 0));
        } finally {
            setProgress(undefined);
        }
    };
    const isRunning = progress !== undefined;
    return (
        <Panel aria-label="Trial">
            <Spread>
                <Heading level={2}>What it would have raised</Heading>
                <Row>
                    <Select
                        prefixLabel="Last"
                        value={days}
                        disabled={isRunning}
                        onChange={(_, { value }) => setDays(String(value))}
                    >
                        {['1', '7', '30'].map((one) => (
                            <Select.Option key={one} value={one} label={one === '1' ? '1 day' : `${one} days`} />
                        ))}
                    </Select>
                    {isRunning ? (
                        <Button label="Stop" onClick={() => controller.current?.abort()} />
                    ) : (
                        <Button label="Try it" onClick={() => void run()} />
                    )}
                </Row>
            </Spread>
            {failure && (
                <Failed
                    what="The trial"
                    failure={failure.isForbidden ? new Failure(failure.message, 0) : failure}
                    retry={run}
                    isStale={answer !== undefined}
                />
            )}
            <span role="status">
                {isRunning && `Searching … ${Math.round(progress * 100)} %`}
                {!isRunning && answer && said(answer.rows, answer.days)}
                {!isRunning && !answer && (
                    <Muted>
                        The search runs with your rights, over the events that you may search. Nothing is recorded or sent. One finding
                        covers all events of its case.
                    </Muted>
                )}
            </span>
            {answer && answer.rows.length > 0 && <Findings rows={answer.rows} />}
        </Panel>
    );
}

function said(rows: Answer, days: string): string {
    const first = rows[0];
    const span = days === '1' ? 'the last day' : `the last ${days} days`;
    if (!first) return `Nothing in ${span}, in the events that you may search.`;
    const more = Number(first.findings) > rows.length ? ` The newest ${rows.length} are listed.` : '';
    return `${counted(Number(first.findings), 'finding')}, ${counted(Number(first.cases), 'case')} in ${span}.${more}`;
}

function Findings({ rows }: { rows: Answer }) {
    return (
        <Table stripeRows horizontalOverflow="scroll" tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 760 }}>
            <Table.Head>
                <Table.HeadCell width={100}>Last</Table.HeadCell>
                <Table.HeadCell width={110}>Severity</Table.HeadCell>
                <Table.HeadCell width={150}>Actor</Table.HeadCell>
                <Table.HeadCell width={120}>Account</Table.HeadCell>
                <Table.HeadCell>Reason</Table.HeadCell>
            </Table.Head>
            <Table.Body>
                {rows.map((row, number) => (
                    <Table.Row key={number}>
                        <Table.Cell>
                            <When at={Number(row.last_time) || 0} />
                        </Table.Cell>
                        <Table.Cell>
                            <Severity level={row.severity ?? ''} />
                        </Table.Cell>
                        <Table.Cell>
                            <Code>{row.user}</Code>
                        </Table.Cell>
                        <Table.Cell>{row.vendor_account}</Table.Cell>
                        <Table.Cell>
                            <div style={{ overflowWrap: 'anywhere' }}>
                                {row.reason}
                                <br />
                                <Muted>{row.object_id}</Muted>
                            </div>
                        </Table.Cell>
                    </Table.Row>
                ))}
            </Table.Body>
        </Table>
    );
}
