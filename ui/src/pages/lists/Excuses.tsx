import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Table from '@splunk/react-ui/Table';

import type { ExcusedCases } from '../../api/answers';
import type { Opened } from '../../components/decisions';
import { Muted, Panel } from '../../components/layout';
import { Severity } from '../../components/Severity';
import { Failed } from '../../components/Told';
import { TimeLeft, When } from '../../components/When';
import type { Live } from '../../live/useLive';

/** Cases of which nobody is notified now; what ends first stands first. */
export function Excuses({
    live,
    mayLift,
    open,
}: {
    live: Live<ExcusedCases>;
    mayLift: boolean;
    open: (opened: Opened) => void;
}) {
    const { data, failure, refresh } = live;
    return (
        <Panel aria-label="Excused cases">
            <Heading level={2}>Excused cases</Heading>
            {failure && <Failed what="Excuses" failure={failure} retry={refresh} isStale={data !== undefined} />}
            {data?.excuses.length === 0 && (
                <Muted>No case is excused. You excuse a case on its page, in its ticket or in Slack.</Muted>
            )}
            {data && data.excuses.length > 0 && (
                <Table
                    stripeRows
                    horizontalOverflow="scroll"
                    tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 880 }}
                >
                    <Table.Head>
                        <Table.HeadCell width={130}>Up to severity</Table.HeadCell>
                        <Table.HeadCell>Case</Table.HeadCell>
                        <Table.HeadCell>Reason</Table.HeadCell>
                        <Table.HeadCell width={130}>By</Table.HeadCell>
                        <Table.HeadCell width={110}>Since</Table.HeadCell>
                        <Table.HeadCell width={120}>Ends</Table.HeadCell>
                        {mayLift && <Table.HeadCell width={100}>Lift</Table.HeadCell>}
                    </Table.Head>
                    <Table.Body>
                        {data.excuses.map((one) => (
                            <Table.Row key={one.case} data-excuse={one.case}>
                                <Table.Cell>
                                    <Severity level={one.severity} />
                                </Table.Cell>
                                <Table.Cell>
                                    <Link to={`cases?case=${encodeURIComponent(one.case)}`}>{one.detection || one.case}</Link>
                                </Table.Cell>
                                <Table.Cell>
                                    <span style={{ overflowWrap: 'anywhere' }}>{one.reason}</span>
                                </Table.Cell>
                                <Table.Cell>{one.by}</Table.Cell>
                                <Table.Cell>
                                    <When at={one.at} />
                                </Table.Cell>
                                <Table.Cell>
                                    <TimeLeft until={one.until} />
                                </Table.Cell>
                                {mayLift && (
                                    <Table.Cell>
                                        <Button
                                            aria-label={`Lift: ${one.detection || one.case}`}
                                            label="Lift"
                                            onClick={(event) =>
                                                open({
                                                    decision: { verb: 'lift', case: one.case },
                                                    opener: event.currentTarget,
                                                })
                                            }
                                        />
                                    </Table.Cell>
                                )}
                            </Table.Row>
                        ))}
                    </Table.Body>
                </Table>
            )}
        </Panel>
    );
}
