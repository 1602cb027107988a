import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Table from '@splunk/react-ui/Table';

import type { Start } from '../../api/answers';
import { read } from '../../api/client';
import { Level } from '../../components/Level';
import { Code, Stack } from '../../components/layout';
import { EntryForm } from './EntryForm';
import { Pipeline } from './Pipeline';
import { Roles } from './Roles';
import type { StepProps } from './StartPage';
import { Working } from './Working';

/** By which credentials the app reads and changes AWS; and the way of CloudTrail to Splunk. */
export function AwsStep({ start, refresh, say }: StepProps) {
    const saved = async (name: string): Promise<void> => {
        await refresh();
        say(`The account entry ${name} was tested and saved.`);
    };
    return (
        <Stack>
            <p>
                The app needs an access key{start.is_cloud ? '' : ', or the role of the Splunk host,'} that may assume a role
                in your accounts. A role that only reads is enough to simulate. Without a role, you get tickets and messages only.
            </p>
            {start.accounts.length > 0 && <Accounts start={start} />}
            {start.may_change && (
                <>
                    <section aria-labelledby="aws-role">
                        <Heading level={3} id="aws-role">
                            Create the role
                        </Heading>
                        <Roles />
                    </section>
                    <section aria-labelledby="aws-entry">
                        <Heading level={3} id="aws-entry">
                            Add an account
                        </Heading>
                        <p>
                            For lists of accounts and organizations use the page{' '}
                            <Link to="configuration?tab=aws_account">Configuration</Link>.
                        </p>
                        <AccountForm isCloud={start.is_cloud} names={start.accounts.map((one) => one.entry)} saved={saved} />
                    </section>
                    <section aria-labelledby="aws-pipeline">
                        <Heading level={3} id="aws-pipeline">
                            Bring CloudTrail to Splunk
                        </Heading>
                        <Pipeline start={start} />
                    </section>
                </>
            )}
        </Stack>
    );
}

function Accounts({ start }: { start: Start }) {
    return (
        <div>
            <Table aria-label="AWS account entries" stripeRows>
                <Table.Head>
                    <Table.HeadCell>Entry</Table.HeadCell>
                    <Table.HeadCell>Accounts</Table.HeadCell>
                    <Table.HeadCell>Highest mode</Table.HeadCell>
                    <Table.HeadCell>Problem</Table.HeadCell>
                </Table.Head>
                <Table.Body>
                    {start.accounts.map((one) => (
                        <Table.Row key={one.entry}>
                            <Table.Cell>{one.entry}</Table.Cell>
                            <Table.Cell>
                                {one.accounts.length > 0 ? (
                                    <Code>
                                        {one.accounts.slice(0, 5).join(', ')}
                                        {one.accounts.length > 5 && ` and ${one.accounts.length - 5} more`}
                                    </Code>
                                ) : (
                                    'of an organization'
                                )}
                            </Table.Cell>
                            <Table.Cell>{one.mode_ceiling || `${start.mode_ceiling}, as for all accounts`}</Table.Cell>
                            <Table.Cell>{one.problem || '–'}</Table.Cell>
                        </Table.Row>
                    ))}
                </Table.Body>
            </Table>
            <div style={{ marginTop: 12 }}>
                <Working label="Test the accounts" busy="Testing …" run={test} />
            </div>
        </div>
    );
}

/** The test that saving makes, of all entries. */
async function test() {
    const { lines } = await read('health', { checks: ['AWS accounts'] });
    return lines.map((line, number) => (
        <div key={number}>
            <Level level={line.level} /> {line.what} {line.to_do}
        </div>
    ));
}

function AccountForm({
    isCloud,
    names,
    saved,
}: {
    isCloud: boolean;
    names: string[];
    saved: (name: string) => Promise<void>;
}) {
    const hasKey = (values: Record<string, string>): boolean => values.auth_type === 'access_key';
    return (
        <EntryForm
            table="aws_account"
            verb="Add the account"
            names={names}
            saved={saved}
            fields={[
                { name: 'name', label: 'Name', isRequired: true, value: names.length === 0 ? 'production' : '' },
                { name: 'account_id', label: 'Account ID', isRequired: true, help: '12 digits' },
                {
                    name: 'auth_type',
                    label: 'Credentials',
                    value: 'access_key',
                    options: [
                        ['access_key', 'Access key'],
                        ...(isCloud ? [] : [['host_role', 'Role of the Splunk host'] as [string, string]]),
                    ],
                },
                { name: 'access_key_id', label: 'Access key ID', isRequired: true, isShown: hasKey },
                { name: 'secret_access_key', label: 'Secret access key', isSecret: true, isRequired: true, isShown: hasKey },
                {
                    name: 'role_arn',
                    label: 'Role to assume',
                    help: 'ChangeRoleArn in the outputs of the stack. Leave it empty if there is none',
                },
                {
                    name: 'read_role_arn',
                    label: 'Role for reading',
                    help: 'ReadRoleArn in the outputs of the stack. If it is empty, the role above is used',
                },
                { name: 'external_id', label: 'External ID', help: 'The one that you gave the stack' },
                { name: 'default_region', label: 'Default region', isRequired: true, value: 'us-east-1' },
            ]}
        />
    );
}
