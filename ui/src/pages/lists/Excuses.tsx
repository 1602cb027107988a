import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Table from '@splunk/react-ui/Table';
import { useEffect, useState } from 'react';

import type { ExcusedCases } from '../../api/answers';
import { search } from '../../api/search';
import type { Opened } from '../../components/decisions';
import { Muted, Panel } from '../../components/layout';
import { Severity } from '../../components/Severity';
import { Failed } from '../../components/Told';
import { TimeLeft, When } from '../../components/When';
import type { Live } from '../../live/useLive';

/** The audit has an event for each action of a finding. */
const EXCUSED =
    'search `cloudtrail_responder_audit_index` step=finding_excused' +
    ' | stats count BY case_id kind | stats max(count) AS count BY case_id';

/** Findings of the last 30 days that were only recorded, by case; none until they are counted, or where they cannot be. */
function useExcused(isAsked: boolean): Map<string, number> | undefined {
    const [counted, setCounted] = useState<Map<string, number> | undefined>(undefined);
    useEffect(() => {
        if (!isAsked) return undefined;
        const mine = new AbortController();
        search(EXCUSED, 30, 1000, mine.signal, () => undefined).then(
            ({ rows }) => setCounted(new Map(rows.map((row) => [row.case_id ?? '', Number(row.count)]))),
            // Whoever may not search the audit index sees the excuses all the same.
            () => undefined
        );
        return () => mine.abort();
    }, [isAsked]);
    return counted;
}

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
    const silenced = useExcused(data !== undefined && data.excuses.length > 0);
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
                    tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 990 }}
                >
                    <Table.Head>
                        <Table.HeadCell width={130}>Up to severity</Table.HeadCell>
                        <Table.HeadCell>Case</Table.HeadCell>
                        <Table.HeadCell>Reason</Table.HeadCell>
                        <Table.HeadCell width={120}>By</Table.HeadCell>
                        <Table.HeadCell width={110}>Since</Table.HeadCell>
                        <Table.HeadCell width={90}>Silenced</Table.HeadCell>
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
                                    <Link
                                        style={{ overflowWrap: 'anywhere' }}
                                        to={`cases?case=${encodeURIComponent(one.case)}`}
                                    >
                                        {one.title || one.case}
                                    </Link>
                                </Table.Cell>
                                <Table.Cell>
                                    <span style={{ overflowWrap: 'anywhere' }}>{one.reason}</span>
                                </Table.Cell>
                                <Table.Cell>{one.by}</Table.Cell>
                                <Table.Cell>
                                    <When at={one.at} />
                                </Table.Cell>
                                <Table.Cell>{silenced ? (silenced.get(one.case) ?? 0) : '–'}</Table.Cell>
                                <Table.Cell>
                                    <TimeLeft until={one.until} />
                                </Table.Cell>
                                {mayLift && (
                                    <Table.Cell>
                                        <Button
                                            aria-label={`Lift: ${one.title || one.case}`}
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
