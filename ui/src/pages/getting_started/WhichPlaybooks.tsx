import Link from '@splunk/react-ui/Link';
import Table from '@splunk/react-ui/Table';
import { useState } from 'react';

import type { StartPack } from '../../api/answers';
import { Muted } from '../../components/layout';
import { Failed, Loading } from '../../components/Told';
import { useLive } from '../../live/useLive';
import { playbooksOf } from './steps';

/** Why each detection names its own playbook, and which ones a pack comes to. */
export function WhichPlaybooks({ pack }: { pack: StartPack }) {
    const [isOpen, setOpen] = useState(false);
    return (
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary>Which playbooks are these, and why not one for each severity?</summary>
            <p>
                A playbook corrects one kind of resource: a rule of a security group, an access key, a bucket policy. Findings of one
                severity are about many kinds, so one playbook for all of them would have to refuse most. How far each may go is on
                the page <Link to="playbooks">Playbooks</Link>. To have another one for a detection, set <em>Playbook</em> in the
                alert action of its saved search; for a single case, use <em>Remediate</em>.
            </p>
            {isOpen && <OfPack pack={pack} />}
        </details>
    );
}

function OfPack({ pack }: { pack: StartPack }) {
    const { data, failure, refresh } = useLive('playbooks', {}, { every: 0 });
    if (failure) return <Failed what="Playbooks" failure={failure} retry={refresh} isStale={false} />;
    if (!data) return <Loading what="playbooks" />;
    const { used, without } = playbooksOf(pack, data.playbooks);
    return (
        <>
            <Table aria-label="Playbooks of the pack" stripeRows>
                <Table.Head>
                    <Table.HeadCell>Playbook</Table.HeadCell>
                    <Table.HeadCell>Recommended by</Table.HeadCell>
                </Table.Head>
                <Table.Body>
                    {used.map(({ row, titles }) => (
                        <Table.Row key={row.playbook}>
                            <Table.Cell>
                                <div>
                                    <Link to={`playbooks?find=${encodeURIComponent(row.playbook)}`}>{row.title}</Link>
                                    <br />
                                    <Muted>{row.does}</Muted>
                                </div>
                            </Table.Cell>
                            <Table.Cell>{titles.join(', ')}</Table.Cell>
                        </Table.Row>
                    ))}
                </Table.Body>
            </Table>
            {without.length > 0 && <p>Without a playbook, a person follows the instructions in the ticket: {without.join(', ')}.</p>}
        </>
    );
}
