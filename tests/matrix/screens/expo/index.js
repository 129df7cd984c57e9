import { registerRootComponent } from 'expo';
import Chosen from './Chosen';

registerRootComponent(Chosen);
