import { mount } from '../../components/mount';
import { ApprovalsPage } from './ApprovalsPage';

mount('Approvals', <ApprovalsPage />);
