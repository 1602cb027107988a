import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Message from '@splunk/react-ui/Message';
import Table from '@splunk/react-ui/Table';
import { useState } from 'react';

import type { Start, StartChange } from '../../api/answers';
import { act } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { Level } from '../../components/Level';
import { Row, Stack } from '../../components/layout';
import { Severity } from '../../components/Severity';
import { When } from '../../components/When';
import type { StepProps } from './StartPage';
import { inWords, project, severities } from './steps';

type Asked = { verb: 'arm' | 'undo'; opener: HTMLElement };

/** Switches on what was chosen, shows what that has changed, and takes it back. */
export function ArmStep({ start, choosing, refresh, say }: StepProps) {
    const [asked, setAsked] = useState<Asked | undefined>(undefined);
    const [progress, setProgress] = useState('');
    const choice = choosing.choice ?? start.choice;
    const pack = start.packs.find((one) => one.pack === choice.pack);
    const isArmed = start.changes.some((change) => change.kind === 'search' && change.state !== 'left');
    const undoable = start.changes.filter((change) => change.state !== 'left');

    const run = async (verb: Asked['verb']): Promise<void> => {
        try {
            await choosing.kept();
            for (;;) {
                const body = verb === 'undo' ? { undo: true } : { revision: choosing.revision() };
                const { left } = (await act('start_arm', body)) as { left: number };
                if (left === 0) break;
                setProgress(`${left} left …`);
            }
            say(verb === 'arm' ? 'Armed. From the next run of each search on, findings are answered.' : 'All of it is undone.');
        } finally {
            setProgress('');
            await refresh();
        }
    };
    return (
        <Stack>
            {pack ? <Summary start={start} choice={choice} pack={pack} /> : <p>Choose a pack in the step Detections first.</p>}
            {start.may_change && !start.may_arm && (
                <p>
                    Arming changes saved searches that run as the system, so you need the role <code>admin</code> or{' '}
                    <code>sc_admin</code>. Your choices are kept for an administrator who arms it.
                </p>
            )}
            {start.may_arm && (
                <Row>
                    <Button
                        appearance="primary"
                        label={isArmed ? 'Arm again' : 'Arm'}
                        disabled={!pack}
                        onClick={(event) => setAsked({ verb: 'arm', opener: event.currentTarget as HTMLElement })}
                    />
                    <Button
                        appearance="destructive"
                        label="Undo all of it"
                        disabled={undoable.length === 0}
                        onClick={(event) => setAsked({ verb: 'undo', opener: event.currentTarget as HTMLElement })}
                    />
                </Row>
            )}
            <FirstCase start={start} />
            {start.changes.length > 0 && <Changes changes={start.changes} />}
            {asked && (
                <Confirm
                    title={asked.verb === 'arm' ? `Arm: ${pack?.title ?? ''}` : 'Undo all of it'}
                    verb={asked.verb === 'arm' ? 'Arm' : 'Undo'}
                    isDangerous={asked.verb === 'undo'}
                    opener={asked.opener}
                    close={() => setAsked(undefined)}
                    run={() => run(asked.verb)}
                >
                    {asked.verb === 'arm' && pack && <Summary start={start} choice={choice} pack={pack} />}
                    {asked.verb === 'undo' && (
                        <p>
                            Each saved search gets the settings that it had before this page changed it, and list entries that
                            were accepted here are removed. What somebody else has changed since then stays as it is. Cases,
                            tickets, and what was entered for AWS, Jira and Slack stay.
                        </p>
                    )}
                    <p role="status">{progress}</p>
                </Confirm>
            )}
        </Stack>
    );
}

function Summary({ start, choice, pack }: { start: Start; choice: Start['choice']; pack: Start['packs'][number] }) {
    const counted = severities(pack);
    return (
        <div>
            <p>
                <strong>{pack.title}</strong>: arming switches on {pack.detections.length} detections, with your rights in
                Splunk. Tickets go to project {project(start) || '–'}.
            </p>
            <ul>
                {choice.responses
                    .filter((one) => counted.has(one.severity))
                    .map((one) => (
                        <li key={one.severity}>
                            <Severity level={one.severity} /> ({counted.get(one.severity)}): {inWords(one) || 'nothing'}
                        </li>
                    ))}
            </ul>
        </div>
    );
}

/** The end of it: the first case of what was armed. */
function FirstCase({ start }: { start: Start }) {
    const isArmed = start.changes.some((change) => change.kind === 'search' && change.state === 'done');
    if (!isArmed) return null;
    const found = start.first_case;
    return (
        <div role="status">
            <Message appearance="fill" type={found ? 'success' : 'info'}>
                {found ? (
                    <>
                        <Message.Title>The first protected alert</Message.Title>
                        <Link to={`cases?case=${encodeURIComponent(found.case)}`}>{found.signature}</Link>{' '}
                        <Severity level={found.severity} />, opened <When at={found.opened_at} />
                        {found.ticket && <>, ticket {found.ticket}</>}
                    </>
                ) : (
                    'Armed. Searches run every 15 to 120 minutes, by severity; the first case will be shown here.'
                )}
            </Message>
        </div>
    );
}

function Changes({ changes }: { changes: StartChange[] }) {
    return (
        <section aria-labelledby="changes">
            <Heading level={3} id="changes">
                What was changed here
            </Heading>
            <Table aria-label="What was changed here" stripeRows>
                <Table.Head>
                    <Table.HeadCell>Saved search or entry</Table.HeadCell>
                    <Table.HeadCell width={160}>State</Table.HeadCell>
                    <Table.HeadCell width={190}>By</Table.HeadCell>
                </Table.Head>
                <Table.Body>
                    {changes.map((change) => (
                        <Table.Row key={`${change.kind} ${change.name}`} data-change={change.name}>
                            <Table.Cell>
                                <div>
                                    {change.name}
                                    {change.note && <div>{change.note}</div>}
                                </div>
                            </Table.Cell>
                            <Table.Cell>
                                <Level level={STANDS[change.state]?.[0] ?? 'amber'} text={STANDS[change.state]?.[1] ?? change.state} />
                            </Table.Cell>
                            <Table.Cell>
                                <div>
                                    {change.by}, <When at={change.at} />
                                </div>
                            </Table.Cell>
                        </Table.Row>
                    ))}
                </Table.Body>
            </Table>
        </section>
    );
}

const STANDS: Record<string, [string, string]> = {
    done: ['green', 'Done'],
    doing: ['amber', 'Not finished'],
    undoing: ['amber', 'Undo not finished'],
    left: ['amber', 'Changed since'],
};
