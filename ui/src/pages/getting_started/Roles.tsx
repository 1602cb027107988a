import RadioBar from '@splunk/react-ui/RadioBar';
import Select from '@splunk/react-ui/Select';
import { useState } from 'react';

import type { PolicyFile } from '../../api/answers';
import { Copied } from '../../components/Copied';
import { Row, Stack } from '../../components/layout';
import { Failed, Loading } from '../../components/Told';
import { useLive } from '../../live/useLive';

type Form = 'cloudformation' | 'terraform' | 'cli';
/** What CloudFormation takes in one request without a bucket. */
const MOST_BYTES = 51_200;

/** The two roles of the app as a template, with no more rights than the modes that are chosen need. */
export function Roles() {
    const [form, setForm] = useState<Form>('cloudformation');
    const [mode, setMode] = useState('simulate');
    const { data, failure, refresh } = useLive('policies', { mode }, { every: 0, keep: true });
    const template = data?.files.find((file) => file.format === (form === 'terraform' ? 'terraform' : 'cloudformation'));
    return (
        <Stack>
            <p>
                The template creates a role that only reads and, for approve or enforce, one that makes changes. Both trust the user or role
                whose credentials you enter below, with an external ID that you choose. Create that user in IAM first, without
                access to the console, and an access key for it. To assume roles in its own account it needs no policy of its
                own; for roles in other accounts, allow it <code>sts:AssumeRole</code> on them.
            </p>
            <Row>
                <Select prefixLabel="For playbooks that" value={mode} onChange={(_, { value }) => setMode(String(value))}>
                    <Select.Option value="simulate" label="simulate (reads only)" />
                    <Select.Option value="enforce" label="approve or enforce" />
                </Select>
                <RadioBar aria-label="Form" value={form} onChange={(_, { value }) => setForm(value as Form)}>
                    <RadioBar.Option value="cloudformation" label="CloudFormation" />
                    <RadioBar.Option value="terraform" label="Terraform" />
                    <RadioBar.Option value="cli" label="AWS CLI" />
                </RadioBar>
            </Row>
            {failure && <Failed what="The template" failure={failure} retry={refresh} isStale={data !== undefined} />}
            {!data && !failure && <Loading what="the template" />}
            {template && form !== 'cli' && <Copied what={template.file} text={template.text} />}
            {template && form === 'cli' && <Cli template={template} />}
        </Stack>
    );
}

function Cli({ template }: { template: PolicyFile }) {
    const isLong = new TextEncoder().encode(template.text).length > MOST_BYTES;
    const commands = [
        '# The user whose access key the app gets. You may have one already, or use the role of the Splunk host.',
        'aws iam create-user --user-name cloudtrail-responder',
        'aws iam create-access-key --user-name cloudtrail-responder',
        '',
        `# Save the CloudFormation template as ${template.file} first.`,
        'aws cloudformation deploy \\',
        `    --template-file ${template.file} \\`,
        '    --stack-name cloudtrail-responder \\',
        '    --capabilities CAPABILITY_NAMED_IAM \\',
        ...(isLong ? ['    --s3-bucket BUCKET_FOR_TEMPLATES \\'] : []),
        '    --parameter-overrides \\',
        '        TrustedPrincipal=arn:aws:iam::ACCOUNT_ID:user/cloudtrail-responder \\',
        '        ExternalId=EXTERNAL_ID',
        "aws cloudformation describe-stacks --stack-name cloudtrail-responder --query 'Stacks[0].Outputs'",
    ];
    return <Copied what="commands" text={commands.join('\n')} />;
}
