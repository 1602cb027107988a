import { useAddress } from '../../live/useAddress';
import { CaseView } from './CaseView';
import { Queue } from './Queue';

/** The queue of cases, or one of them where the address names it. */
export function CasesPage() {
    const [address, go] = useAddress();
    const id = address.get('case') ?? '';
    return id ? <CaseView id={id} go={go} /> : <Queue address={address} go={go} />;
}
