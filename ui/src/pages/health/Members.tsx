import Heading from '@splunk/react-ui/Heading';
import Table from '@splunk/react-ui/Table';

import type { HealthMember } from '../../api/answers';
import { Muted, Panel } from '../../components/layout';
import { Level } from '../../components/Level';
import { When } from '../../components/When';

/** The search heads: each runs a worker of its own. */
export function Members({ members }: { members: HealthMember[] }) {
    if (members.length === 0) return null;
    return (
        <Panel aria-label="Search heads">
            <Heading level={2}>Search heads</Heading>
            <Table stripeRows tableStyle={{ tableLayout: 'fixed', width: '100%' }}>
                <Table.Head>
                    <Table.HeadCell width={110}>State</Table.HeadCell>
                    <Table.HeadCell width={180}>Name</Table.HeadCell>
                    <Table.HeadCell>Worker</Table.HeadCell>
                    <Table.HeadCell width={110}>Last seen</Table.HeadCell>
                </Table.Head>
                <Table.Body>
                    {members.map((member) => (
                        <Table.Row key={member.server} data-member={member.server}>
                            <Table.Cell>
                                <Level level={member.level} />
                            </Table.Cell>
                            <Table.Cell>
                                <span style={{ overflowWrap: 'anywhere' }}>{member.server}</span>
                            </Table.Cell>
                            <Table.Cell>
                                <div>
                                    {member.what}
                                    {member.to_do && (
                                        <div>
                                            <Muted>{member.to_do}</Muted>
                                        </div>
                                    )}
                                </div>
                            </Table.Cell>
                            <Table.Cell>{member.seen_at ? <When at={member.seen_at} /> : 'never'}</Table.Cell>
                        </Table.Row>
                    ))}
                </Table.Body>
            </Table>
        </Panel>
    );
}
