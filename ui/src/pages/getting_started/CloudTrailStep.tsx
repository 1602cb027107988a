import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Table from '@splunk/react-ui/Table';
import { useState } from 'react';

import { Level } from '../../components/Level';
import { Code, Muted, Row, Stack } from '../../components/layout';
import { Failed, Loading } from '../../components/Told';
import { When } from '../../components/When';
import type { StepProps } from './StartPage';
import { SurveyRun } from './SurveyRun';

/** Whether CloudTrail is there, in which shape, how late it comes, and of which accounts. */
export function CloudTrailStep({ start, health, survey }: StepProps) {
    const [isRunning, setRunning] = useState(false);
    const again = async (): Promise<void> => {
        setRunning(true);
        await health.refresh();
        setRunning(false);
    };
    return (
        <Stack>
            {health.failure && (
                <Failed what="CloudTrail" failure={health.failure} retry={health.refresh} isStale={health.data !== undefined} />
            )}
            {!health.data && !health.failure && <Loading what="whether CloudTrail is found" />}
            {health.data && (
                <Table aria-label="CloudTrail in Splunk" stripeRows>
                    <Table.Head>
                        <Table.HeadCell width={110}>State</Table.HeadCell>
                        <Table.HeadCell>What was found</Table.HeadCell>
                        <Table.HeadCell width={280}>What to do</Table.HeadCell>
                    </Table.Head>
                    <Table.Body>
                        {health.data.lines.map((line, number) => (
                            <Table.Row key={number}>
                                <Table.Cell>
                                    <Level level={line.level} />
                                </Table.Cell>
                                <Table.Cell>{line.what}</Table.Cell>
                                <Table.Cell>{line.to_do || '–'}</Table.Cell>
                            </Table.Row>
                        ))}
                    </Table.Body>
                </Table>
            )}
            <Row>
                <Button label={isRunning ? 'Checking …' : 'Check again'} disabled={isRunning} onClick={() => void again()} />
                {health.data && (
                    <Muted role="status">
                        Checked <When at={health.data.looked_at} />
                    </Muted>
                )}
            </Row>
            {start.may_change && (
                <section aria-labelledby="accounts-seen">
                    <Heading level={3} id="accounts-seen">
                        Accounts
                    </Heading>
                    <p>
                        The app watches accounts without an AWS entry, but cannot remediate anything there. If an account is missing
                        here, its CloudTrail does not reach Splunk.
                    </p>
                    <SurveyRun survey={survey} />
                    {survey.data && survey.data.began_at > 0 && <Accounts survey={survey.data} />}
                </section>
            )}
        </Stack>
    );
}

function Accounts({ survey }: { survey: NonNullable<StepProps['survey']['data']> }) {
    return (
        <Stack style={{ marginTop: 12 }}>
            {survey.accounts.length > 0 && (
                <Table aria-label="Accounts in CloudTrail" stripeRows>
                    <Table.Head>
                        <Table.HeadCell>Account</Table.HeadCell>
                        <Table.HeadCell align="right">Events</Table.HeadCell>
                        <Table.HeadCell align="right">Days</Table.HeadCell>
                        <Table.HeadCell>Newest</Table.HeadCell>
                        <Table.HeadCell>AWS entry</Table.HeadCell>
                    </Table.Head>
                    <Table.Body>
                        {survey.accounts.map((one) => (
                            <Table.Row key={one.account}>
                                <Table.Cell>
                                    <Code>{one.account}</Code>
                                </Table.Cell>
                                <Table.Cell align="right">{one.events.toLocaleString()}</Table.Cell>
                                <Table.Cell align="right">
                                    {one.days} of {survey.with_events}
                                </Table.Cell>
                                <Table.Cell>
                                    <When at={one.newest} />
                                </Table.Cell>
                                <Table.Cell>{one.entry || <Level level="amber" text="None: not covered" />}</Table.Cell>
                            </Table.Row>
                        ))}
                    </Table.Body>
                </Table>
            )}
            {survey.accounts_problem && <p>Not all entries could be read: {survey.accounts_problem}</p>}
            {survey.silent.length > 0 && (
                <p>
                    <Level level="red" text="No CloudTrail" /> events were found for {survey.silent.length}{' '}
                    {survey.silent.length === 1 ? 'account' : 'accounts'} with an AWS entry:{' '}
                    <Code>{survey.silent.slice(0, 10).join(', ')}</Code>
                    {survey.silent.length > 10 && ` and ${survey.silent.length - 10} more`}
                </p>
            )}
        </Stack>
    );
}
