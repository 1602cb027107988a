import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Table from '@splunk/react-ui/Table';

import type { CaseDetail } from '../../api/answers';
import type { Opened } from '../../components/decisions';
import { Muted, Panel } from '../../components/layout';
import { stateOf } from '../../components/states';
import { When } from '../../components/When';

const KINDS: Record<string, string> = {
    'ticket.finding': 'Ticket',
    'ticket.remediation': 'Comment on the ticket',
    'ticket.state': 'State in the ticket',
    'ticket.records': 'Records on the ticket',
    'ticket.evidence': 'Evidence on the ticket',
    'ticket.transition': 'Status of the ticket',
    'ticket.link': 'Link of the ticket',
    'ticket.excuse': 'Excuse on the ticket',
    'ticket.rows': 'Results on the ticket',
    'slack.finding': 'Slack message',
    'slack.remediation': 'Reply in the thread',
    'slack.edit': 'Edit of the message',
    'slack.excuse': 'Excuse in the thread',
    'dispatch.finding': 'Dispatch to AWS',
    'notify.finding': 'Notification',
    'notify.remediation': 'Notification of a remediation',
};

const SERVICES: Record<string, string> = { jira: 'Jira', slack: 'Slack', aws: 'AWS', notify: 'Notifier' };

/** `jira:security` as people know it; empty where the task names none. */
function serviceName(service: string): string {
    const [family = '', ...names] = service.split(':');
    const named = names.filter(Boolean).join(', ');
    return named && `${SERVICES[family] ?? family} ${named}`;
}

/** Everything else that the app does for the case: tickets, messages, notes. */
export function CaseTasks({ detail, open }: { detail: CaseDetail; open: (opened: Opened) => void }) {
    if (detail.tasks.length === 0) return null;
    return (
        <Panel>
            <Heading level={2}>Tickets and messages</Heading>
            <Table horizontalOverflow="scroll" tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 560 }}>
                <Table.Head>
                    <Table.HeadCell width={180}>Task</Table.HeadCell>
                    <Table.HeadCell>State</Table.HeadCell>
                    <Table.HeadCell width={110}>Changed</Table.HeadCell>
                    <Table.HeadCell width={90}>Action</Table.HeadCell>
                </Table.Head>
                <Table.Body>
                    {detail.tasks.map((task) => (
                        <Table.Row key={task.task} data-task={task.task}>
                            <Table.Cell>
                                <div>
                                    {KINDS[task.kind] ?? task.kind}
                                    {serviceName(task.service) && (
                                        <>
                                            <br />
                                            <Muted>{serviceName(task.service)}</Muted>
                                        </>
                                    )}
                                </div>
                            </Table.Cell>
                            <Table.Cell>
                                <div>
                                    {stateOf(task)}
                                    {task.message && (
                                        <>
                                            <br />
                                            <Muted>{task.message}</Muted>
                                        </>
                                    )}
                                </div>
                            </Table.Cell>
                            <Table.Cell>
                                <When at={task.updated_at} />
                            </Table.Cell>
                            <Table.Cell>
                                {task.may.includes('retry') && (
                                    <Button
                                        label="Retry"
                                        aria-label={`Retry: ${KINDS[task.kind] ?? task.kind}`}
                                        onClick={(event) =>
                                            open({
                                                decision: { verb: 'retry_task', task: task.task, message: task.message },
                                                opener: event.currentTarget,
                                            })
                                        }
                                    />
                                )}
                            </Table.Cell>
                        </Table.Row>
                    ))}
                </Table.Body>
            </Table>
            {detail.more_tasks > 0 && <p>{detail.more_tasks} older ones are not listed.</p>}
        </Panel>
    );
}
