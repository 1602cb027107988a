import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Table from '@splunk/react-ui/Table';
import { useState } from 'react';

import type { ProposedEntry, ProposedList, StartSurvey } from '../../api/answers';
import { act, Failure } from '../../api/client';
import { Level } from '../../components/Level';
import { Code, Muted, Stack } from '../../components/layout';
import { NotDone } from '../../components/NotDone';
import type { StepProps } from './StartPage';
import { SurveyRun } from './SurveyRun';

/** What is usual here, proposed from what CloudTrail has shown. Nothing counts until somebody accepts it. */
export function ListsStep({ start, survey, refresh }: StepProps) {
    if (!start.may_change) {
        return (
            <p>
                The lists are on the page <Link to="lists">Exceptions and lists</Link>.
            </p>
        );
    }
    return (
        <Stack>
            <p>
                Some detections compare events with what is normal for you: your accounts, countries, networks and automation.
                These proposals come from your own CloudTrail. An attacker who has been there all the time is among them, too:
                accept only what you know.
            </p>
            <SurveyRun survey={survey} />
            {survey.data &&
                survey.data.began_at > 0 &&
                survey.data.lists.map((list) => (
                    <Proposals
                        key={list.lookup}
                        list={list}
                        of={survey.data as StartSurvey}
                        accepted={async () => {
                            await Promise.all([survey.refresh(), refresh()]);
                        }}
                    />
                ))}
        </Stack>
    );
}

function Proposals({ list, of, accepted }: { list: ProposedList; of: StartSurvey; accepted: () => Promise<void> }) {
    const [running, setRunning] = useState('');
    const [failed, setFailed] = useState<{ value: string; failure: Failure } | undefined>(undefined);
    const accept = async (value: string): Promise<void> => {
        setRunning(value);
        setFailed(undefined);
        try {
            await act('start_accept', { list: list.lookup, value });
            await accepted();
        } catch (error) {
            setFailed({ value, failure: error instanceof Failure ? error : new Failure(String(error), 0) });
        } finally {
            setRunning('');
        }
    };
    return (
        <section aria-labelledby={`list-${list.lookup}`}>
            <Heading level={3} id={`list-${list.lookup}`}>
                {list.title}
            </Heading>
            <p>
                {list.effect} <Muted>{list.basis}</Muted>
            </p>
            {failed && (
                <NotDone title={failed.value} failure={failed.failure} looked={() => setFailed(undefined)} />
            )}
            {list.entries.length === 0 ? (
                <p>Nothing occurs often enough to be proposed.</p>
            ) : (
                <Table aria-label={`Proposals for: ${list.title}`} stripeRows>
                    <Table.Head>
                        <Table.HeadCell>Proposal</Table.HeadCell>
                        <Table.HeadCell align="right" width={140}>
                            Days
                        </Table.HeadCell>
                        <Table.HeadCell align="right" width={120}>
                            Events
                        </Table.HeadCell>
                        <Table.HeadCell width={140}>Decision</Table.HeadCell>
                    </Table.Head>
                    <Table.Body>
                        {list.entries.map((entry) => (
                            <Proposal
                                key={entry.value}
                                entry={entry}
                                days={of.with_events}
                                isRunning={running === entry.value}
                                isBusy={running !== ''}
                                accept={accept}
                            />
                        ))}
                    </Table.Body>
                </Table>
            )}
        </section>
    );
}

function Proposal({
    entry,
    days,
    isRunning,
    isBusy,
    accept,
}: {
    entry: ProposedEntry;
    days: number;
    isRunning: boolean;
    isBusy: boolean;
    accept: (value: string) => Promise<void>;
}) {
    return (
        <Table.Row data-proposal={entry.value}>
            <Table.Cell>
                <Code>{entry.value}</Code>
            </Table.Cell>
            <Table.Cell align="right">
                {entry.days} of {days}
            </Table.Cell>
            <Table.Cell align="right">{entry.events.toLocaleString()}</Table.Cell>
            <Table.Cell>
                {entry.is_listed ? (
                    <Level level="green" text="On the list" />
                ) : (
                    <Button
                        label={isRunning ? 'Accepting …' : 'Accept'}
                        aria-label={`Accept ${entry.value}`}
                        disabled={isBusy}
                        onClick={() => void accept(entry.value)}
                    />
                )}
            </Table.Cell>
        </Table.Row>
    );
}
