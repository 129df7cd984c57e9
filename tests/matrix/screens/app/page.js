import Chosen from '../Chosen.js';

export default function Page() {
  return <Chosen />;
}
