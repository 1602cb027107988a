import { mount } from '../../components/mount';
import { CasesPage } from './CasesPage';

mount('Cases', <CasesPage />);
