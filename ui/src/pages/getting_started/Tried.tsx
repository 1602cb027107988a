import Link from '@splunk/react-ui/Link';

/** What a test has left, and where people find it. */
export function Tried({ trial }: { trial: { name: string; url: string } }) {
    return (
        <span>
            Last test:{' '}
            {/^https?:\/\//.test(trial.url) ? (
                <Link to={trial.url} openInNewContext>
                    {trial.name}
                </Link>
            ) : (
                trial.name
            )}
        </span>
    );
}
