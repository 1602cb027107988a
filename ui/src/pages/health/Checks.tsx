import Button from '@splunk/react-ui/Button';
import Table from '@splunk/react-ui/Table';
import type { ReactNode } from 'react';

import { Muted } from '../../components/layout';
import { Level } from '../../components/Level';
import { When } from '../../components/When';
import type { CheckRun } from './runs';

/** A row a check: what it says, and what to do about it. */
export function Checks({
    checks,
    running,
    run,
}: {
    checks: CheckRun[];
    /** Names of those that run now. */
    running: string[];
    run: (check: string) => Promise<void>;
}) {
    return (
        <Table stripeRows horizontalOverflow="scroll" tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 880 }}>
            <Table.Head>
                <Table.HeadCell width={110}>State</Table.HeadCell>
                <Table.HeadCell width={180}>Check</Table.HeadCell>
                <Table.HeadCell>What it says, and what to do</Table.HeadCell>
                <Table.HeadCell width={110}>Last run</Table.HeadCell>
                <Table.HeadCell width={120}>Again</Table.HeadCell>
            </Table.Head>
            <Table.Body>
                {checks.map((one) => (
                    <Table.Row key={one.check} data-check={one.check}>
                        <Table.Cell>
                            <Level level={one.level} />
                        </Table.Cell>
                        <Table.Cell>{one.check}</Table.Cell>
                        <Table.Cell>
                            <Lines run={one} />
                        </Table.Cell>
                        <Table.Cell>
                            <When at={one.at} />
                        </Table.Cell>
                        <Table.Cell>
                            <Button
                                aria-label={`Run again: ${one.check}`}
                                label={running.includes(one.check) ? 'Running …' : 'Run again'}
                                disabled={running.includes(one.check)}
                                onClick={() => void run(one.check)}
                            />
                        </Table.Cell>
                    </Table.Row>
                ))}
            </Table.Body>
        </Table>
    );
}

function Lines({ run }: { run: CheckRun }): ReactNode {
    return (
        <div style={{ overflowWrap: 'anywhere' }}>
            {run.lines.map((line, number) => (
                // Lines of a check may say the same of two things; their order does not change.
                <div key={number} style={{ marginTop: number ? 8 : 0 }}>
                    {run.lines.length > 1 && line.level !== 'green' ? (
                        <>
                            <Level level={line.level} />:{' '}
                        </>
                    ) : null}
                    {line.what}
                    {line.to_do && (
                        <div>
                            <Muted>{line.to_do}</Muted>
                        </div>
                    )}
                </div>
            ))}
        </div>
    );
}
