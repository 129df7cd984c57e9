// A server component; what needs the browser is in Classifier.
import Classifier from './Classifier';

export default function Page() {
  return (
    <main>
      <h1>What is on this photo?</h1>
      <Classifier />
    </main>
  );
}
