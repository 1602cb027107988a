import Select from '@splunk/react-ui/Select';
import Switch from '@splunk/react-ui/Switch';
import Table from '@splunk/react-ui/Table';

import type { StartResponse } from '../../api/answers';
import { Code, Stack } from '../../components/layout';
import { Severity } from '../../components/Severity';
import type { StepProps } from './StartPage';
import { isLowered, severities } from './steps';
import { WhichPlaybooks } from './WhichPlaybooks';

const REMEDIATIONS: [string, string][] = [
    ['', 'None'],
    ['simulate', 'Simulate: say what it would change'],
    ['approve', 'Approve: plan, and wait for a person'],
    ['enforce', 'Enforce: change it'],
];

/** How findings of each severity are answered. */
export function ResponseStep({ start, choosing }: StepProps) {
    const choice = choosing.choice ?? start.choice;
    const pack = start.packs.find((one) => one.pack === choice.pack);
    const counted = pack && severities(pack);
    const set = (severity: string, changes: Partial<StartResponse>): void =>
        choosing.choose({
            responses: choice.responses.map((one) => (one.severity === severity ? { ...one, ...changes } : one)),
        });
    const lowered = choice.responses.some((one) => isLowered(one.remediation, start.mode_ceiling));
    return (
        <Stack>
            <p>
                Begin with tickets, and let playbooks simulate: each ticket then says what would have been
                changed, and nothing is changed. The playbook is the one that the detection recommends.
            </p>
            {pack && <WhichPlaybooks pack={pack} />}
            <Table aria-label="Response by severity" stripeRows>
                <Table.Head>
                    <Table.HeadCell width={130}>Severity</Table.HeadCell>
                    <Table.HeadCell width={110}>Detections</Table.HeadCell>
                    <Table.HeadCell width={110}>Jira ticket</Table.HeadCell>
                    <Table.HeadCell width={150}>Slack message</Table.HeadCell>
                    <Table.HeadCell>Remediation</Table.HeadCell>
                </Table.Head>
                <Table.Body>
                    {choice.responses.map((one) => (
                        <Table.Row key={one.severity} data-severity={one.severity}>
                            <Table.Cell>
                                <Severity level={one.severity} />
                            </Table.Cell>
                            <Table.Cell>{counted ? (counted.get(one.severity) ?? 0) : '–'}</Table.Cell>
                            <Table.Cell>
                                <Checked
                                    label={`Jira ticket for ${one.severity}`}
                                    isOn={one.ticket}
                                    isDisabled={!start.may_change}
                                    set={(ticket) => set(one.severity, { ticket })}
                                />
                            </Table.Cell>
                            <Table.Cell>
                                <Checked
                                    label={`Slack message for ${one.severity}`}
                                    isOn={one.slack}
                                    isDisabled={!start.may_change || (start.workspaces.length === 0 && !one.slack)}
                                    set={(slack) => set(one.severity, { slack })}
                                />
                            </Table.Cell>
                            <Table.Cell>
                                <Select
                                    aria-label={`Remediation for ${one.severity}`}
                                    value={one.remediation}
                                    disabled={!start.may_change}
                                    onChange={(_, { value }) => set(one.severity, { remediation: String(value) })}
                                >
                                    {REMEDIATIONS.map(([value, label]) => (
                                        <Select.Option key={value} value={value} label={label} />
                                    ))}
                                </Select>
                            </Table.Cell>
                        </Table.Row>
                    ))}
                </Table.Body>
            </Table>
            {start.workspaces.length === 0 && choice.responses.some((one) => one.slack) && (
                <p role="status">No Slack workspace is set up: no message is sent until you add one and arm again.</p>
            )}
            <p role="status">
                The Safety tab allows at most <Code>{start.mode_ceiling}</Code>.
                {lowered && ' Where you chose a higher mode, this one applies. An administrator can raise it on the Safety tab.'}
            </p>
        </Stack>
    );
}

function Checked({
    label,
    isOn,
    isDisabled,
    set,
}: {
    label: string;
    isOn: boolean;
    isDisabled: boolean;
    set: (on: boolean) => void;
}) {
    return (
        <Switch
            appearance="checkbox"
            aria-label={label}
            selected={isOn}
            disabled={isDisabled}
            onClick={() => set(!isOn)}
        />
    );
}
