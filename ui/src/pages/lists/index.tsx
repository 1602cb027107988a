import { mount } from '../../components/mount';
import { ListsPage } from './ListsPage';

mount('Exceptions and lists', <ListsPage />);
